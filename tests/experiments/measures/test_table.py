import pandas as pd
import pytest

from lossbasins.experiments.measures import table as stage
from lossbasins.experiments.measures.specs import MeasuresInputs, MeasuresOutputs, MeasuresSpec
from tests.experiments.measures.frames import values_of
from tests.reporting.measurements import measurements
from tests.stages.reports import context, outputs, write_measurements


def made(folder, matched_loss=None, measures=("frobenius", "toy"), matched_only=(), turned=()):
    """Made-up runs, of which `frobenius` has files of its own and `toy`, a stranger's, is in those of cheap ones."""
    folder.mkdir(exist_ok=True)
    runs, paths = write_measurements(folder, optimizers=("sgd", "adam"))
    cheap = values_of(measurements(optimizers=("sgd", "adam")).evaluations, measures=("toy",))
    files = [folder / f"cheap{run}.csv" for run in range(len(cheap))]
    for file, frame in zip(files, cheap, strict=True):
        frame.to_csv(file, index=False)
    trained = {
        "evaluation": paths["evaluation"],
        "values": (*files, *paths["frobenius"]),
        "spectrum": paths["spectrum"],
    }
    matched = {f"matched_{name}": found if matched_loss else () for name, found in trained.items()}
    if "frobenius" in matched_only:
        trained["values"] = tuple(files)
    inputs = MeasuresInputs(**trained, **matched)
    choices = {"turned": turned, "resamples": 50, "permutations": 99, "below": 0.9, "loss_within": 0.9, "seed": 0}
    spec = MeasuresSpec(runs=runs, measures=measures, matched_only=matched_only, matched_loss=matched_loss, **choices)
    written = outputs(MeasuresOutputs, folder, "measures")
    stage.run(spec, inputs, written, context(folder))
    return written


def test_a_strangers_measure_is_a_row_like_any_other(tmp_path):
    written = made(tmp_path, matched_loss=0.01)
    table, points = pd.read_csv(written.csv), pd.read_csv(written.points)
    assert table["protocol"].unique().tolist() == ["matched", "raw", "interpolated"]
    assert set(table["measure"]) == {"free_energy", "frobenius", "toy"}
    assert (table.loc[table["measure"] == "toy", "solutions"] > 0).all()
    assert len(points) == 2 * 3 * 32
    assert "toy" in written.md.read_text()
    assert set(pd.read_csv(written.pairs)["quantity"]) == {"half_log_inverse_volume"}
    assert pd.read_csv(written.ranks)["protocol"].nunique() == 3


def test_a_measure_may_be_taken_at_the_matched_point_alone(tmp_path):
    written = made(tmp_path, matched_loss=0.01, matched_only=("frobenius",))
    table, points = pd.read_csv(written.csv), pd.read_csv(written.points)
    assert table.loc[table["measure"] == "frobenius", "protocol"].tolist() == ["matched"]
    assert points.groupby("measure")["protocol"].nunique().to_dict() == {"frobenius": 1, "toy": 3}


def test_of_all_measures_larger_values_are_the_sharper(tmp_path):
    plain, other = made(tmp_path / "plain"), made(tmp_path / "turned", turned=("toy",))
    for name in ("overall", "within", "granulated", "given_loss"):
        one, two = (pd.read_csv(written.csv).set_index(["measure", "protocol"])[name] for written in (plain, other))
        assert two["toy"].tolist() == pytest.approx((-one["toy"]).tolist())
        assert two["frobenius"].tolist() == one["frobenius"].tolist()
    assert plain.points.read_text() == other.points.read_text()


def test_without_polished_solutions_there_is_no_pair_and_it_says_so(tmp_path):
    written = made(tmp_path)
    assert set(pd.read_csv(written.differences)["reason"]) == {"no pair", "not measured"}
    assert pd.read_csv(written.pairs).empty
