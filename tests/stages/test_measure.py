import numpy as np
import pytest

from lossbasins.specs.measure import ArrayOutputs
from lossbasins.stages import measure_arrays
from lossbasins.stages.measured import write_arrays
from tests.measures.measuring import arrays_of, inputs_of, seeded, spec_of, values_of
from tests.stages.conftest import context

COLUMNS = ["replica", "measure", "value", "standard_error", "gradients", "reason"]
BROKEN = """
from lossbasins.measures.solution import Measured, Solution

PRECISION = "float32"


def measure(solution: Solution, *, value: str = "inf", reason: str = "") -> Measured:
    return Measured(float(value), reason=reason)
"""
SEEN = """
import torch

from lossbasins.measures.solution import Measured, Solution

PRECISION = "float32"


def measure(solution: Solution) -> Measured:
    (bits,) = {torch.finfo(values.dtype).bits for values in (*solution.model.parameters(), solution.train.inputs)}
    return Measured(bits, gradients=solution.seed)
"""
READING = """
from lossbasins.measures.solution import Measured, Solution

PRECISION = "float32"
READS = ("spectrum", "other")


def measure(solution: Solution) -> Measured:
    spectrum, other = solution.arrays["spectrum"], solution.arrays["other"]
    return Measured(spectrum["eigenvalues"].max() + other["offset"], spectrum["eigenvalues"].ndim)
"""
SQUARES = """
import numpy as np

from lossbasins.measures.solution import Arrays, Solution

PRECISION = "float64"
ARRAYS = ("squares", "sum")


def measure(solution: Solution) -> Arrays:
    squares = np.array([float((values.detach() ** 2).sum()) for values in solution.model.parameters()])
    return {"squares": squares, "sum": squares.sum()}
"""


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"value": "inf"}, "not finite"),
        ({"value": "nan"}, "not finite"),
        ({"value": "nan", "reason": "no minimum"}, "no minimum"),
    ],
)
def test_a_value_that_is_missing_says_why(own, trained, split_path, tmp_path, options, reason):
    own("mine.measures.broken", BROKEN)
    frame = values_of(inputs_of(trained, split_path, tmp_path), seeded("mine.measures.broken", **options))
    assert frame["measure"].tolist() == ["broken"] * 2
    assert frame["reason"].tolist() == [reason] * 2


def test_each_measure_is_taken_of_each_replica_in_its_own_precision_and_with_its_own_seed(
    own, trained, split_path, tmp_path
):
    own("mine.measures.seen", SEEN)
    own("mine.measures.broken", BROKEN)
    frame = values_of(
        inputs_of(trained, split_path, tmp_path),
        seeded("mine.measures.seen", precision="float64", seed=10),
        seeded("mine.measures.broken", value="2"),
        seeded("mine.measures.seen", precision="float32", seed=20),
    )
    assert list(frame.columns) == COLUMNS
    assert frame["replica"].tolist() == [0, 0, 0, 1, 1, 1]
    assert frame["measure"].tolist() == ["seen", "broken", "seen"] * 2
    assert frame["value"].tolist() == [64, 2, 32] * 2
    assert frame["gradients"].tolist() == [10, 0, 20, 11, 0, 21]
    assert frame["reason"].isna().all()


def test_without_a_fitted_replica_there_is_an_empty_table_with_its_columns(trained, split_path, tmp_path):
    frame = values_of(inputs_of(trained, split_path, tmp_path, ["not_fitted", "diverged"]), seeded("frobenius"))
    assert (list(frame.columns), len(frame)) == (COLUMNS, 0)


def test_without_a_fitted_replica_there_are_empty_arrays(own, trained, split_path, tmp_path):
    own("mine.measures.squares", SQUARES)
    inputs = inputs_of(trained, split_path, tmp_path, ["not_fitted", "diverged"])
    for name, arrays in (("spectrum", {"eigenvalues"}), ("mine.measures.squares", {"squares", "sum"})):
        found = arrays_of(inputs, seeded(name))
        assert set(found) == {"replica", *arrays}
        assert found["replica"].shape == (0,)
        assert all(len(values) == 0 for values in found.values())


def test_arrays_are_stacked_under_their_names(own, trained, split_path, tmp_path):
    own("mine.measures.squares", SQUARES)
    found = arrays_of(inputs_of(trained, split_path, tmp_path), seeded("mine.measures.squares"))
    assert set(found) == {"replica", "squares", "sum"}
    assert found["replica"].tolist() == [0, 1]
    assert found["squares"].shape == (2, 4)
    np.testing.assert_array_equal(found["sum"], [one.sum() for one in found["squares"]])


def test_a_measure_that_reads_arrays_gets_those_of_its_own_replica(own, trained, split_path, tmp_path):
    own("mine.measures.reading", READING)
    replicas, eigenvalues = [1, 0], [{"eigenvalues": [5.0, 7.0, 6.0]}, {"eigenvalues": [1.0, 3.0, 2.0]}]
    write_arrays(tmp_path / "spectrum.npz", replicas, ["eigenvalues"], eigenvalues)
    write_arrays(tmp_path / "other.npz", [0, 1], ["offset"], [{"offset": 0.5}, {"offset": 0.25}])
    arrays = (tmp_path / "spectrum.npz", tmp_path / "other.npz")
    frame = values_of(inputs_of(trained, split_path, tmp_path, arrays=arrays), seeded("mine.measures.reading"))
    assert frame["replica"].tolist() == [0, 1]
    assert frame["value"].tolist() == [3.5, 7.25]
    assert frame["standard_error"].tolist() == [1, 1]


class KilledError(Exception):
    pass


@pytest.mark.parametrize("calls", [1, 30, 100])
def test_a_long_measure_goes_on_from_where_it_was_killed_to_the_same_bytes(trained, split_path, tmp_path, calls):
    options = {"prior_scales": (1.0,), "temperatures": 4, "prior_draws": 10, "burn_in": 3, "draws": 8, "longest": 3}
    spec = spec_of(seeded("thermodynamic_integration", precision="float32", **options))
    inputs = inputs_of(trained, split_path, tmp_path)

    def run(name, **changes):
        outputs = ArrayOutputs(arrays=tmp_path / name)
        measure_arrays.run(spec, inputs, outputs, context(state=tmp_path / "state", save_every=0, **changes))
        return outputs.arrays.read_bytes()

    whole = run("whole.npz")
    (tmp_path / "state").unlink()
    lines = []

    def killed(line, done=None):
        lines.append((line, done))
        if len(lines) == calls:
            raise KilledError

    with pytest.raises(KilledError):
        run("half.npz", report=killed)
    again = []
    assert run("half.npz", report=lambda line, done=None: again.append((line, done))) == whole
    if calls > 1:
        assert "going on from" in again[0][0]
        assert again[2][1] == pytest.approx(lines[-2][1], abs=0.01)
    shares = [done for _, done in again if done is not None]
    assert shares == sorted(shares)
    assert shares[-1] <= 1
