"""A run of two small networks on the digits, stage by stage."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from lossbasins.data.raw import raw_images
from lossbasins.data.split import make_split
from lossbasins.specs import split, train
from lossbasins.specs.entries import AttackSpec, InitSpec, ModelSpec, OptimizerSpec
from lossbasins.stages import train as train_stage
from lossbasins.stages.arrays import write_split
from lossbasins.stages.context import Context

MODEL = ModelSpec(architecture="fnn", options={"hidden": [6]})
ATTACK = AttackSpec(weight=0.05, size=20)
SEEDS = (3, 4)


def context(**changes):
    values = {"device": "cpu", "data_dir": Path("data"), "manifest_id": "", "report": lambda *_: None}
    values |= {"state": Path("state"), "save_every": 1e9}
    return Context(**values | changes)


def train_into(folder: Path, split_path: Path, **changes) -> Context:
    optimizer = {"method": "adam", "learning_rate": 0.02, "batch": 16, "epochs": 60, "target_loss": 0.05}
    optimizer |= changes.pop("optimizer", {})
    values = {"model": MODEL, "init": InitSpec(), "attack": ATTACK, "seeds": SEEDS}
    spec = train.Spec(**values | changes, optimizer=OptimizerSpec(**optimizer))
    folder.mkdir(exist_ok=True)
    outputs = train.Outputs(solutions=folder / "solutions.safetensors", history=folder / "history.csv")
    surroundings = context()
    train_stage.run(spec, train.Inputs(split=split_path), outputs, surroundings)
    return surroundings


def split_into(folder: Path, **choices) -> Path:
    digits = load_digits()
    images = np.round(digits.images * 255 / 16).astype(np.uint8)
    raw = raw_images("digits", train_images=images, train_labels=digits.target)
    path = folder / "split.npz"
    write_split(path, make_split(raw, split.SplitChoices(train=60, attack=40, **choices), seed=1))
    return path


@pytest.fixture(scope="session")
def split_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return split_into(tmp_path_factory.mktemp("split"))


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, split_path: Path) -> Path:
    """The folder of the trained run."""
    folder = tmp_path_factory.mktemp("trained")
    train_into(folder, split_path)
    return folder
