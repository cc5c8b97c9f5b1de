import pandas as pd
import pytest
from safetensors.torch import load_file

from tests.stages.conftest import SEEDS, train_into


def test_solutions_are_stacked_and_every_epoch_is_recorded(trained):
    solutions = load_file(trained / "solutions.safetensors")
    assert {name: tuple(values.shape) for name, values in solutions.items()} == {
        "1.weight": (2, 6, 64),
        "1.bias": (2, 6),
        "3.weight": (2, 10, 6),
        "3.bias": (2, 10),
    }
    history = pd.read_csv(trained / "history.csv")
    assert list(history.columns) == [
        "replica",
        "epoch",
        "train_loss",
        "train_accuracy",
        "attack_loss",
        "attack_accuracy",
        "learning_rate",
        "stop",
    ]
    for _, replica in history.groupby("replica"):
        assert list(replica["epoch"]) == list(range(1, len(replica) + 1))
        assert replica["train_loss"].iloc[-1] < replica["train_loss"].iloc[0]
        assert list(replica["stop"].isna()) == [True] * (len(replica) - 1) + [False]


def test_a_rerun_gives_the_same_bytes(trained, split_path, tmp_path):
    train_into(tmp_path, split_path)
    for name in ("solutions.safetensors", "history.csv"):
        assert (tmp_path / name).read_bytes() == (trained / name).read_bytes()


def test_another_replica_leaves_the_others_as_they_are(trained, split_path, tmp_path):
    train_into(tmp_path, split_path, seeds=(*SEEDS, 5))
    before, after = (load_file(folder / "solutions.safetensors") for folder in (trained, tmp_path))
    assert all(after[name][:2].equal(values) for name, values in before.items())


def test_without_attack_its_columns_are_empty(split_path, tmp_path):
    train_into(tmp_path, split_path, attack=None, optimizer={"epochs": 1})
    assert pd.read_csv(tmp_path / "history.csv")["attack_loss"].isna().all()


def test_an_attack_larger_than_its_set_is_a_clear_error(split_path, tmp_path):
    with pytest.raises(ValueError, match="attack of 50 images, but the split has 40"):
        train_into(tmp_path, split_path, attack={"weight": 0.1, "size": 50})
