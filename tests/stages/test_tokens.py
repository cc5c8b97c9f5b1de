"""Sequences of integers through all stages of a run: their inputs have no precision of their own."""

import numpy as np
import pandas as pd
import pytest

from lossbasins.data.raw import raw_data
from lossbasins.data.split import make_split
from lossbasins.specs import evaluate, measure, polish
from lossbasins.specs.entries import AttackSpec, InitSpec, ModelSpec
from lossbasins.specs.split import SplitChoices
from lossbasins.stages import evaluate as evaluate_stage
from lossbasins.stages import measure as measure_stage
from lossbasins.stages import polish as polish_stage
from lossbasins.stages.arrays import write_split
from tests.measures.measuring import seeded
from tests.stages.conftest import context, train_into

BAG = """
import torch
from torch import nn


class Bag(nn.Module):
    def __init__(self, vocabulary, length, classes):
        super().__init__()
        self.words = nn.Embedding(vocabulary, 6)
        self.classes = nn.Linear(length * 6, classes)

    def forward(self, tokens):
        return self.classes(self.words(tokens).flatten(1))


def build(vocabulary, length, classes):
    return Bag(vocabulary, length, classes)
"""
MEASURED = ("training_loss", "gradient_norm", "fisher_rao", "input_gradient", "path_norm", "frobenius")


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_sequences_are_trained_polished_evaluated_and_measured(own, tmp_path, precision):
    own("mine.models.bag", BAG)
    tokens = np.random.default_rng(0).integers(0, 9, (90, 4))
    split = tmp_path / "split.npz"
    raw = raw_data("tokens", "here", tokens, tokens[:, 0] // 3)
    write_split(split, make_split(raw, SplitChoices(train=40, attack=10), 1))
    model = ModelSpec.model_validate({"architecture": "bag"}, context={"own": "mine"})
    optimizer = {"epochs": 200, "learning_rate": 0.05}
    attack = AttackSpec(weight=0.01, size=5)
    said = train_into(tmp_path, split, model=model, attack=attack, init=InitSpec(), optimizer=optimizer)
    assert said.left_to_model == ["words.weight"]
    solutions, history, polished = (tmp_path / name for name in ("solutions.safetensors", "history.csv", "polished"))
    evaluation = tmp_path / "evaluation.csv"
    evaluate_stage.run(
        evaluate.Spec(model=model, attack=attack, precision=precision),
        evaluate.Inputs(split=split, solutions=solutions, history=history),
        evaluate.Outputs(evaluation=evaluation),
        context(state=tmp_path / "state"),
    )
    found = pd.read_csv(evaluation)
    assert (found["status"] == "ok").all()
    choices = {"method": "lbfgs", "learning_rate": 1.0, "limit": 300, "precision": precision}
    polish_stage.run(
        polish.Spec(model=model, target={"loss": 0.001}, **choices),
        polish.Inputs(split=split, solutions=solutions),
        polish.Outputs(solutions=polished, history=tmp_path / "trace.csv", polish=tmp_path / "polish.csv"),
        context(state=tmp_path / "state"),
    )
    assert (pd.read_csv(tmp_path / "polish.csv")["polish"] == "reached").all()
    chosen = tuple(seeded(name, precision) for name in MEASURED)
    measure_stage.run(
        measure.Spec(model=model, measures=chosen),
        measure.Inputs(split=split, solutions=solutions, evaluation=evaluation, arrays=()),
        measure.Outputs(values=tmp_path / "values.csv"),
        context(state=tmp_path / "state"),
    )
    values = pd.read_csv(tmp_path / "values.csv").set_index(["measure", "replica"])
    for name in ("input_gradient", "path_norm"):
        assert set(values.loc[name, "reason"]) == {"the inputs are no real numbers"}
    for name, column in (("training_loss", "train_loss"), ("gradient_norm", "gradient_norm")):
        np.testing.assert_allclose(values.loc[name, "value"], found[column], rtol=1e-5)
    assert (values.loc["frobenius", "value"] > 0).all()
