import pandas as pd
import pytest
from safetensors.torch import load_file

from lossbasins.specs import memorise
from lossbasins.specs.entries import InitSpec, ModelSpec, OptimizerSpec
from lossbasins.specs.random_labels import RandomLabelsSpec
from lossbasins.stages import memorise as stage
from tests.stages.conftest import SEEDS, context, train_into

WIDE = ModelSpec(architecture="fnn", options={"hidden": [60]})
TARGET = 0.01
OPTIMIZER = {"method": "adam", "learning_rate": 0.03, "batch": 16, "epochs": 150, "target_loss": TARGET}


def memorised_into(folder, split_path, seeds=SEEDS, **surroundings):
    spec = memorise.Spec(
        model=WIDE,
        init=InitSpec(),
        optimizer=OptimizerSpec(**OPTIMIZER),
        random_labels=RandomLabelsSpec(copies=2),
        label_seed=1,
        seeds=seeds,
    )
    outputs = memorise.Outputs(solutions=folder / "solutions.safetensors", history=folder / "history.csv")
    surroundings = {"state": folder / "state"} | surroundings
    stage.run(spec, memorise.Inputs(split=split_path), outputs, context(**surroundings))


@pytest.fixture(scope="module")
def memorised(split_path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("memorised")
    memorised_into(folder, split_path)
    return folder


def test_random_labels_are_learnt_until_all_are_right_and_then_the_true_ones(memorised):
    history = pd.read_csv(memorised / "history.csv")
    assert set(history["replica"]) == {0, 1}
    for _, replica in history.groupby("replica"):
        first, then = replica[replica["epoch"] <= 0], replica[replica["epoch"] > 0]
        assert list(first["epoch"]) == list(range(1 - len(first), 1))
        assert list(then["epoch"]) == list(range(1, len(then) + 1))
        assert first["stop"].iloc[-1] == then["stop"].iloc[-1] == "fitted"
        assert list(first["train_accuracy"] == 1) == [False] * (len(first) - 1) + [True]
        assert then["train_loss"].iloc[-1] <= TARGET < first["train_loss"].iloc[-1]
        # The first true epoch begins with a network that knows other labels.
        assert then["train_loss"].iloc[0] > first["train_loss"].iloc[-1]
        assert replica["attack_loss"].isna().all()


def test_files_are_as_those_of_ordinary_training(memorised, split_path, tmp_path):
    train_into(tmp_path, split_path, model=WIDE, attack=None, optimizer=OPTIMIZER)
    plain, after = (load_file(folder / "solutions.safetensors") for folder in (tmp_path, memorised))
    assert {name: values.shape for name, values in after.items()} == {n: v.shape for n, v in plain.items()}
    columns = [list(pd.read_csv(folder / "history.csv").columns) for folder in (tmp_path, memorised)]
    assert columns[0] == columns[1]
    # Two sets of labels leave larger weights than one.
    norms = [sum(float(values.square().sum()) for values in each.values()) for each in (plain, after)]
    assert norms[1] > norms[0]


def test_another_replica_leaves_the_others_as_they_are(memorised, split_path, tmp_path):
    memorised_into(tmp_path, split_path, seeds=(*SEEDS, 5))
    before, after = (load_file(folder / "solutions.safetensors") for folder in (memorised, tmp_path))
    assert all(after[name][:2].equal(values) for name, values in before.items())


@pytest.mark.parametrize("at", ["1/2, random labels, epoch 9/", "1/2, true labels, epoch 2/", "2/2, random"])
def test_a_killed_job_ends_with_the_same_bytes(memorised, split_path, tmp_path, at):
    def killed(line, *_):
        if line.startswith(f"replica {at}"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        memorised_into(tmp_path, split_path, save_every=0, report=killed)
    lines = []
    memorised_into(tmp_path, split_path, save_every=0, report=lambda line, *_: lines.append(line))
    assert lines[0].startswith("going on from")
    for name in ("solutions.safetensors", "history.csv"):
        assert (tmp_path / name).read_bytes() == (memorised / name).read_bytes()
