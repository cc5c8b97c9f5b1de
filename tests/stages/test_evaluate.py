import shutil

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save_file

from lossbasins.specs.evaluate import Inputs, Outputs, Spec
from lossbasins.stages import evaluate
from lossbasins.stages.arrays import read_split
from lossbasins.stages.solutions import Solutions
from tests.stages.conftest import ATTACK, MODEL, context, train_into


def evaluated(folder, split_path, attack=ATTACK, precision="float64", **surroundings):
    inputs = Inputs(split=split_path, solutions=folder / "solutions.safetensors", history=folder / "history.csv")
    outputs = Outputs(evaluation=folder / "evaluation.csv")
    surroundings = {"state": folder / "state"} | surroundings
    evaluate.run(Spec(model=MODEL, attack=attack, precision=precision), inputs, outputs, context(**surroundings))
    return pd.read_csv(outputs.evaluation)


def test_every_number_is_that_of_the_network_by_hand(trained, split_path):
    frame = evaluated(trained, split_path)
    split = read_split(split_path)
    solutions = load_file(trained / "solutions.safetensors")
    for replica, row in frame.iterrows():
        first, first_bias, second, second_bias = (
            solutions[name][replica].astype(float) for name in ("1.weight", "1.bias", "3.weight", "3.bias")
        )
        for part, images, labels in (
            ("train", split.train_inputs, split.train_labels),
            ("attack", split.attack_inputs[:20], split.attack_labels[:20]),
            ("test", split.test_inputs, split.test_labels),
        ):
            inputs = ((images / 255 - split.mean) / split.std).reshape(len(images), -1)
            logits = np.maximum(inputs @ first.T + first_bias, 0) @ second.T + second_bias
            losses = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels]
            assert row[f"{part}_loss"] == pytest.approx(losses.mean(), rel=1e-10)
            assert row[f"{part}_accuracy"] == (logits.argmax(axis=1) == labels).mean()
        squares = sum(float((values[replica].astype(float) ** 2).sum()) for values in solutions.values())
        assert row["weight_norm"] == pytest.approx(squares**0.5, rel=1e-12)
        assert row["gradient_norm"] > 0
        assert row["data"] == f"60 training and {len(split.test_labels):,} test images of 1,797"


def test_epochs_are_those_of_the_history(trained, split_path):
    history = pd.read_csv(trained / "history.csv").groupby("replica")
    assert list(evaluated(trained, split_path)["epochs"]) == list(history["epoch"].max())
    assert list(evaluated(trained, split_path)["stop"]) == list(history["stop"].last())


def test_replicas_that_fail_keep_their_rows(split_path, tmp_path):
    train_into(tmp_path, split_path, optimizer={"epochs": 1, "target_loss": 0.0})
    solutions = load_file(tmp_path / "solutions.safetensors")
    solutions["3.bias"][1] = np.nan
    save_file(solutions, tmp_path / "solutions.safetensors")
    frame = evaluated(tmp_path, split_path)
    assert list(frame["status"]) == ["not_fitted", "diverged"]
    assert list(frame["replica"]) == [0, 1]


def test_in_float32_the_numbers_are_rounded(trained, split_path):
    exact, rounded = (evaluated(trained, split_path, precision=precision) for precision in ("float64", "float32"))
    numbers = exact.select_dtypes("number").columns
    np.testing.assert_allclose(rounded[numbers], exact[numbers], rtol=1e-5)
    assert not rounded["train_loss"].equals(exact["train_loss"])


def test_a_killed_job_goes_on_after_the_replicas_that_are_done(trained, split_path, tmp_path, monkeypatch):
    for name in ("solutions.safetensors", "history.csv"):
        shutil.copy(trained / name, tmp_path)
    evaluated(tmp_path, split_path)
    whole = (tmp_path / "evaluation.csv").read_bytes()

    def killed(line, *_):
        if line.startswith("replica 2/2"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluated(tmp_path, split_path, save_every=0, report=killed)
    again = []
    model = Solutions.model

    def counted(solutions, replica, *others):
        again.append(replica)
        return model(solutions, replica, *others)

    monkeypatch.setattr(Solutions, "model", counted)
    evaluated(tmp_path, split_path)
    assert again == [1]
    assert (tmp_path / "evaluation.csv").read_bytes() == whole
