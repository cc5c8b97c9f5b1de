"""What docs/own-data.md says to write."""

import re
import runpy
from pathlib import Path

import torch
import yaml

from lossbasins.data.sources import npz
from lossbasins.data.split import make_split
from lossbasins.specs.split import SplitChoices
from tests.configurations import ROOT, default

DATA, MODEL, STUDY = re.findall(r"```\w+\n(.*?)```", (ROOT / "docs" / "own-data.md").read_text(), re.DOTALL)


def test_it_takes_under_thirty_lines():
    assert len([line for line in (DATA + MODEL + STUDY).splitlines() if line.strip()]) < 30


def test_data_and_model_fit_the_study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in (("save.py", DATA), ("mine.py", MODEL)):
        Path(name).write_text(text)
    runpy.run_path("save.py")
    study = yaml.safe_load(STUDY)
    dataset, model = study["datasets"]["mine"], study["models"]["mine"]
    raw = npz.load(tmp_path, **dataset["options"])
    choices = {key: value for key, value in dataset.items() if key in SplitChoices.model_fields}
    split = make_split(raw, SplitChoices(**choices), seed=0)
    assert "scikit-learn's digits" in split.note
    network = runpy.run_path("mine.py")["build"](1, *split.train_images.shape[1:3], split.classes, **model["options"])
    assert network(torch.zeros(2, 1, *split.train_images.shape[1:3])).shape == (2, 10)


def test_the_study_names_keys_of_the_configuration():
    study, known = yaml.safe_load(STUDY), default()
    assert set(study) <= set(known)
    assert set(study["experiments"]) <= set(known["experiments"])
    for grid in study["experiments"]["spectrum"]["runs"]:
        for key, names in (("init", known["inits"]), ("optimizer", known["optimizers"])):
            assert grid[key] in names
