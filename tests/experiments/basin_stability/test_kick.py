import pandas as pd
import pytest

from lossbasins.experiments.basin_stability import kick
from lossbasins.experiments.basin_stability.kick_specs import KINDS, KickInputs, KickOutputs, KickSpec
from tests.stages.conftest import MODEL, context
from tests.stages.test_evaluate import evaluated
from tests.stages.test_polish import TARGET, polished_into


@pytest.fixture(scope="module")
def point(trained, split_path, tmp_path_factory):
    """Polished solutions with their evaluation."""
    folder = tmp_path_factory.mktemp("point")
    polished_into(folder, trained, split_path)
    evaluated(folder, split_path)
    return folder


def kicks_into(folder, point, split_path, evaluation=None, changes=None, **surroundings):
    folder.mkdir(exist_ok=True)
    choices = {"radii": (0.1, 0.5), "kicks": 2, "seed": 7, "descent": {"target": {"loss": TARGET}, "limit": 500}}
    spec = KickSpec(model=MODEL, **choices | (changes or {}))
    inputs = KickInputs(
        split=split_path,
        solutions=point / "solutions.safetensors",
        evaluation=evaluation or point / "evaluation.csv",
    )
    outputs = KickOutputs(kicks=folder / "kicks.csv")
    kick.run(spec, inputs, outputs, context(**{"state": folder / "state"} | surroundings))
    return outputs.kicks


def test_every_solution_has_every_kick_and_descends_to_the_loss_again(point, split_path, tmp_path):
    frame = pd.read_csv(kicks_into(tmp_path, point, split_path))
    assert list(frame.columns) == kick.COLUMNS
    assert len(frame) == 2 * len(KINDS) * 2 * 2
    assert not frame.duplicated(["replica", "kind", "radius", "kick"]).any()
    reached = frame["descent"] == "reached"
    assert reached.sum() > len(frame) / 2
    assert ((frame["train_loss"] <= 1.001 * TARGET) == reached).all()
    lengths = pd.read_csv(point / "evaluation.csv").set_index("replica")["weight_norm"]
    pd.testing.assert_series_equal(
        frame["length"], frame["radius"] * frame["replica"].map(lengths), check_names=False, rtol=1e-5
    )


def test_a_kick_a_radius_or_a_replica_more_changes_no_other(point, split_path, tmp_path):
    evaluation = tmp_path / "evaluation.csv"
    pd.read_csv(point / "evaluation.csv").iloc[1:].to_csv(evaluation, index=False)
    whole = pd.read_csv(kicks_into(tmp_path / "whole", point, split_path))
    more = {"kicks": 3, "radii": (0.1, 0.3, 0.5)}
    fewer = pd.read_csv(kicks_into(tmp_path / "fewer", point, split_path, evaluation, more))
    assert set(fewer["replica"]) == {1}
    keys = ["replica", "kind", "radius", "kick"]
    joined = whole.merge(fewer, on=keys, suffixes=("", "_again"))
    assert len(joined) == len(whole) / 2
    for name in (name for name in whole if name not in keys):
        assert (joined[name] == joined[f"{name}_again"]).all(), name


def test_only_fitted_solutions_are_kicked(point, split_path, tmp_path):
    evaluation = tmp_path / "evaluation.csv"
    pd.read_csv(point / "evaluation.csv").assign(status="not_fitted").to_csv(evaluation, index=False)
    frame = pd.read_csv(kicks_into(tmp_path, point, split_path, evaluation))
    assert frame.empty
    assert list(frame.columns) == kick.COLUMNS


@pytest.mark.parametrize("after", [2, 9])
def test_a_killed_job_goes_on_after_the_kicks_that_are_done(point, split_path, tmp_path, after):
    whole = kicks_into(tmp_path / "whole", point, split_path)

    def killed(line, *_):
        if line == f"kick {after}/16":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kicks_into(tmp_path / "killed", point, split_path, save_every=0, report=killed)
    lines = []
    again = kicks_into(tmp_path / "killed", point, split_path, save_every=0, report=lambda line, *_: lines.append(line))
    assert any(line.startswith("going on from") for line in lines)
    assert again.read_bytes() == whole.read_bytes()
