import pytest

from tests.measures.measuring import arrays_of, inputs_of, seeded, values_of


@pytest.mark.parametrize("method", ["finite_difference", "hutchinson"])
def test_estimates_agree_with_the_spectrum_within_their_errors(trained, split_path, tmp_path, method):
    inputs = inputs_of(trained, split_path, tmp_path)
    frame = values_of(inputs, seeded("frobenius", method=method, probes=200))
    exact = (arrays_of(inputs, seeded("spectrum"))["eigenvalues"] ** 2).sum(axis=1)
    assert list(frame.columns) == ["replica", "measure", "value", "standard_error", "gradients", "reason"]
    assert set(frame["measure"]) == {"frobenius"}
    assert (abs(frame["value"] - exact) < 4 * frame["standard_error"]).all()
    assert frame["reason"].isna().all()
    # Each replica has probes of its own.
    ratios = frame["value"] / exact
    assert ratios[0] != pytest.approx(ratios[1], rel=1e-6)
