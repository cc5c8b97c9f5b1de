import numpy as np

from tests.measures.solutions import fitted, hessian_of, measured

TOP, PROBES = 3, 4


def test_the_largest_are_torch_s_and_the_rule_is_that_of_all_others():
    solution = fitted()
    expected = np.linalg.eigvalsh(hessian_of(solution).numpy())[::-1]
    steps = expected.size + 5
    found = measured("spectral_density", solution, top=TOP, probes=PROBES, steps=steps)
    np.testing.assert_allclose(found["largest"], expected[:TOP], rtol=1e-8)
    assert (found["residuals"] < 1e-7 * expected[0]).all()
    assert found["count"] == expected.size - TOP
    assert found["nodes"].shape == found["weights"].shape == (PROBES, steps)
    np.testing.assert_allclose(found["weights"].sum(axis=1), 1, rtol=1e-9)
    heavy = found["nodes"][found["weights"] > 1e-6]
    nearest = np.abs(heavy[:, None] - expected[None, TOP:]).min(axis=1)
    assert nearest.max() < 1e-6 * expected[0]


def test_the_trace_is_within_its_error():
    solution = fitted()
    found = measured("spectral_density", solution, top=TOP, probes=40, steps=20)
    traces = found["largest"].sum() + found["count"] * (found["nodes"] * found["weights"]).sum(axis=1)
    error = traces.std(ddof=1) / np.sqrt(40)
    assert abs(traces.mean() - np.trace(hessian_of(solution).numpy())) < 4 * error
