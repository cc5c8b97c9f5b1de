import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file

from lossbasins.specs.polish import Inputs, Outputs, Spec
from lossbasins.stages import polish
from tests.stages.conftest import MODEL, context
from tests.stages.test_evaluate import evaluated

TARGET = 0.002


def polished_into(folder, trained, split_path, changes=None, **surroundings):
    folder.mkdir(exist_ok=True)
    spec = Spec(model=MODEL, **{"target": {"loss": TARGET}, "limit": 500, "precision": "float32"} | (changes or {}))
    outputs = Outputs(
        solutions=folder / "solutions.safetensors", history=folder / "history.csv", polish=folder / "polish.csv"
    )
    inputs = Inputs(split=split_path, solutions=trained / "solutions.safetensors")
    polish.run(spec, inputs, outputs, context(**{"state": folder / "state"} | surroundings))
    return outputs


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_evaluate_finds_every_replica_at_the_target(trained, split_path, tmp_path, precision):
    written = polished_into(tmp_path, trained, split_path, {"precision": precision})
    table = pd.read_csv(written.polish)
    assert list(table.columns) == ["replica", "polish", "gradients", "distance"]
    assert list(table["polish"]) == ["reached", "reached"]
    frame = evaluated(tmp_path, split_path)
    np.testing.assert_allclose(frame["train_loss"], TARGET, rtol=1.01e-3)
    assert frame["attack_accuracy"].notna().all()
    assert list(frame["epochs"]) == list(table["gradients"])
    assert list(frame["stop"]) == list(table["polish"])


def test_the_distance_is_that_of_the_files(trained, split_path, tmp_path):
    written = polished_into(tmp_path, trained, split_path)
    before, after = load_file(trained / "solutions.safetensors"), load_file(written.solutions)
    assert {name: (v.shape, v.dtype) for name, v in after.items()} == {n: (v.shape, v.dtype) for n, v in before.items()}
    squares = sum(((after[name] - before[name]) ** 2).reshape(2, -1).sum(axis=1) for name in before)
    np.testing.assert_allclose(pd.read_csv(written.polish)["distance"], np.sqrt(squares), rtol=1e-5)


def test_the_history_is_a_descent(trained, split_path, tmp_path):
    history = pd.read_csv(polished_into(tmp_path, trained, split_path).history)
    assert list(history.columns) == ["replica", "epoch", "train_loss", "gradient_norm", "stop"]
    for _, replica in history.groupby("replica"):
        assert replica["epoch"].iloc[0] == 1
        assert replica["train_loss"].is_monotonic_decreasing
        assert replica["stop"].notna().sum() == 1


def test_below_the_target_the_file_stays_the_same(trained, split_path, tmp_path):
    written = polished_into(tmp_path, trained, split_path, {"target": {"loss": 50.0}, "precision": "float64"})
    assert written.solutions.read_bytes() == (trained / "solutions.safetensors").read_bytes()


def test_a_replica_that_diverged_leaves_the_others_as_they_are(trained, split_path, tmp_path):
    expected = load_file(polished_into(tmp_path / "whole", trained, split_path).solutions)
    broken = load_file(trained / "solutions.safetensors")
    broken["3.bias"][0] = np.nan
    save_file(broken, tmp_path / "solutions.safetensors")
    written = polished_into(tmp_path / "broken", tmp_path, split_path)
    assert list(pd.read_csv(written.polish)["polish"]) == ["diverged", "reached"]
    after = load_file(written.solutions)
    for name, values in after.items():
        np.testing.assert_array_equal(values[0], broken[name][0])
        np.testing.assert_array_equal(values[1], expected[name][1])
    assert evaluated(tmp_path / "broken", split_path)["status"].iloc[0] == "diverged"


def test_a_killed_job_goes_on_after_the_replicas_that_are_done(trained, split_path, tmp_path):
    whole = polished_into(tmp_path / "whole", trained, split_path)

    def killed(line, *_):
        if line.startswith("replica 2/2, gradient"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        polished_into(tmp_path / "killed", trained, split_path, save_every=0, report=killed)
    lines = []
    again = polished_into(
        tmp_path / "killed", trained, split_path, save_every=0, report=lambda line, *_: lines.append(line)
    )
    assert not [line for line in lines if line.startswith("replica 1/2, gradient")]
    for name in ("solutions", "history", "polish"):
        assert getattr(again, name).read_bytes() == getattr(whole, name).read_bytes()
