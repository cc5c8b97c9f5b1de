import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from lossbasins.specs.entries import InitSpec, ModelSpec
from lossbasins.stages.arrays import read_split
from lossbasins.stages.solutions import new_model
from tests.stages.conftest import SEEDS, train_into

NORMED = """
import torch
from torch import nn


class Shift(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.shift = nn.Parameter(torch.randn(size))

    def forward(self, inputs):
        return inputs + self.shift


def build(channels, height, width, classes):
    size = channels * height * width
    return nn.Sequential(nn.Flatten(), Shift(size), nn.Linear(size, 8), nn.LayerNorm(8), nn.Linear(8, classes))
"""
OTHERS = ["1.shift", "3.weight", "3.bias"]
ALL = ["1.shift", "2.weight", "2.bias", "3.weight", "3.bias", "4.weight", "4.bias"]


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


@pytest.mark.parametrize(("distribution", "left"), [("normal", OTHERS), ("model", ALL)])
def test_parameters_that_the_initialisation_does_not_cover_are_the_model_s_and_seeded(
    own, split_path, tmp_path, distribution, left
):
    own("mine.models.normed", NORMED)
    model = ModelSpec.model_validate({"architecture": "normed"}, context={"own": "mine"})
    changes = {"model": model, "init": InitSpec(distribution=distribution)}
    changes["optimizer"] = {"learning_rate": 1e-9, "batch": "full", "epochs": 1}
    found = []
    for folder in (tmp_path / "first", tmp_path / "again"):
        assert train_into(folder, split_path, **changes).left_to_model == left
        found.append(load_file(folder / "solutions.safetensors"))
    assert all(found[1][name].equal(values) for name, values in found[0].items())
    split = read_split(split_path)
    for replica, seed in enumerate(SEEDS):
        expected = dict(new_model(model, split, seed).named_parameters())
        for name, values in found[0].items():
            # One step of Adam moves each by at most the learning rate.
            assert torch.allclose(values[replica], expected[name], atol=1e-6) == (name in left), name
    assert not found[0]["1.shift"][0].equal(found[0]["1.shift"][1])
