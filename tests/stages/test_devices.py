"""Jobs on a (pretend) GPU, run as the runner runs them: what they give is what they give on a CPU."""

import itertools

import pandas as pd
import pytest
import torch

from benchmarks.gpu_steps.pretended import NAME
from lossbasins import catalogue
from lossbasins.jobs import job_text
from lossbasins.progress import Reporter
from lossbasins.provenance.values import deviation
from lossbasins.runner import run_job
from lossbasins.specs import evaluate, measure, polish, train
from lossbasins.specs.entries import AttackSpec, InitSpec, ModelSpec, OptimizerSpec
from lossbasins.training.networks import StackedNetworks
from tests.pretend import pretend_gpu
from tests.stages.conftest import split_into

SMALL = ModelSpec(architecture="mlenet", options={"widths": [2, 3]})
NORMALISED = ModelSpec(architecture="resnet32", options={"base": 1})
ATTACK = AttackSpec(weight=0.05, size=20)
OPTIMIZER = OptimizerSpec(method="momentum", learning_rate=0.01, batch=16, epochs=3)
TRAINED = {"solutions": "solutions.safetensors", "history": "history.csv"}


def measured(model, name, **options):
    chosen = measure.SeededMeasure(name=name, options=options, precision="float32", seed=1)
    return measure.Spec(model=model, measures=(chosen,))


JOBS = {
    "polish": (
        lambda model: polish.Spec(model=model, target={"loss": 0.5}, limit=5, precision="float64"),
        ["split", "solutions"],
        {"solutions": "polished.safetensors", "history": "polished.csv", "polish": "polish.csv"},
    ),
    "evaluate": (
        lambda model: evaluate.Spec(model=model, attack=ATTACK),
        ["split", "solutions", "history"],
        {"evaluation": "again.csv"},
    ),
    "spectrum": (
        lambda model: measured(model, "spectrum"),
        ["split", "solutions", "evaluation"],
        {"arrays": "spectrum.npz"},
    ),
    "frobenius": (
        lambda model: measured(model, "frobenius", probes=6),
        ["split", "solutions", "evaluation"],
        {"values": "frobenius.csv"},
    ),
}
FLOAT32 = 1e-4
"""Relative: what rounding in another order may change over a few steps; TF32 changes ten times as much."""


class Killed(BaseException):
    """The job ends here, as by a signal."""


def run(stage, spec, inputs, outputs, device, save_every=1e9):
    """Runs a job from files to files of a folder; its manifest."""
    outputs = {name: [path] for name, path in outputs.items()}
    outputs["manifest"] = [next(iter(outputs.values()))[0].with_name(f"{stage}.manifest.json")]
    inputs = {name: [path] for name, path in inputs.items()}
    surroundings = {"device": device, "threads": 1, "data_dir": outputs["manifest"][0].parent, "save_every": save_every}
    return run_job(stage, job_text(catalogue.stage(stage), spec), inputs, outputs, **surroundings)


def train_into(folder, split, model, device, save_every=1e9, **changes):
    spec = train.Spec(model=model, init=InitSpec(), optimizer=OPTIMIZER, attack=ATTACK, seeds=(3, 4, 5))
    outputs = {name: folder / file for name, file in TRAINED.items()}
    return run("train", spec.model_copy(update=changes), {"split": split}, outputs, device, save_every)


@pytest.fixture(scope="session")
def split(tmp_path_factory):
    return split_into(tmp_path_factory.mktemp("split28"), image_size=28)


@pytest.fixture(scope="session", params=[SMALL, NORMALISED], ids=["small", "normalised"])
def solved(request, split, tmp_path_factory):
    """A model and the folder in which it was trained on the CPU."""
    folder = tmp_path_factory.mktemp("cpu")
    train_into(folder, split, request.param, "cpu")
    pd.DataFrame({"replica": [0, 2], "status": ["ok", "ok"]}).to_csv(folder / "evaluation.csv")
    return request.param, folder


@pytest.fixture
def gpu():
    with pretend_gpu():
        yield


@pytest.mark.usefixtures("gpu")
def test_training_gives_the_same_solutions(solved, split, tmp_path):
    model, folder = solved
    manifest = train_into(tmp_path, split, model, "cuda")
    assert manifest.device == f"cuda ({NAME})"
    assert manifest.gpu.cuda == torch.version.cuda
    assert not manifest.gpu.tf32
    # By torch's former name too, which it would refuse to read if the two disagreed.
    assert not torch.backends.cudnn.allow_tf32
    for file in TRAINED.values():
        assert deviation(folder / file, tmp_path / file) < FLOAT32


def inputs_of(folder, split):
    files = {"evaluation": "evaluation.csv"} | TRAINED
    return {"split": split} | {name: folder / file for name, file in files.items()}


@pytest.mark.parametrize("stage", JOBS)
def test_what_follows_gives_the_same_numbers(solved, split, tmp_path, stage):
    model, folder = solved
    if stage == "spectrum" and model is NORMALISED:
        pytest.skip("a Hessian of two thousand parameters, product by product")
    spec, names, files = JOBS[stage]
    inputs = {name: file for name, file in inputs_of(folder, split).items() if name in names}
    here, there = ({name: tmp_path / where / file for name, file in files.items()} for where in ("cpu", "gpu"))
    run(stage, spec(model), inputs, here, "cpu")
    with pretend_gpu():
        manifest = run(stage, spec(model), inputs, there, "cuda")
    assert manifest.device == f"cuda ({NAME})"
    for name in files:
        assert deviation(here[name], there[name]) < FLOAT32


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize("stage", ["polish", "evaluate"])
def test_a_job_that_was_killed_in_its_third_replica_ends_with_the_same_bytes(
    solved, split, tmp_path, stage, monkeypatch
):
    model, folder = solved
    spec, names, files = JOBS[stage]
    inputs = {name: file for name, file in inputs_of(folder, split).items() if name in names}
    whole, killed = ({name: tmp_path / where / file for name, file in files.items()} for where in ("whole", "killed"))
    run(stage, spec(model), inputs, whole, "cuda")

    def die(_, line, *__):
        if line.startswith("replica 3/3"):
            raise Killed

    monkeypatch.setattr(Reporter, "__call__", die)
    with pytest.raises(Killed):
        run(stage, spec(model), inputs, killed, "cuda", save_every=0)
    monkeypatch.undo()
    assert (tmp_path / f"killed/.{stage}.state").exists()
    run(stage, spec(model), inputs, killed, "cuda", save_every=0)
    for name in files:
        assert killed[name].read_bytes() == whole[name].read_bytes()


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize("model", [SMALL, NORMALISED], ids=["stacked", "single"])
def test_a_training_that_was_killed_in_its_second_replica_ends_with_the_same_bytes(model, split, tmp_path, monkeypatch):
    train_into(tmp_path / "whole", split, model, "cuda")

    def killed(_, line, *__):
        if line.startswith(("replica 2/3, epoch 2/3", "replica 3/3, epoch 3/3")):
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Reporter, "__call__", killed)
        with pytest.raises(Killed):
            train_into(tmp_path / "killed", split, model, "cuda", save_every=0)
    assert (tmp_path / "killed/.train.state").exists()
    train_into(tmp_path / "killed", split, model, "cuda", save_every=0)
    for file in TRAINED.values():
        assert (tmp_path / "killed" / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()


def memory_for(monkeypatch, replicas, spent=0):
    """Lets a GPU hold so many replicas and no more, once it has computed so many forward passes."""
    original, passes = StackedNetworks.logits, itertools.count()

    def logits(self, inputs):
        if len(inputs) > replicas and next(passes) >= spent:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return original(self, inputs)

    monkeypatch.setattr(StackedNetworks, "logits", logits)


@pytest.mark.usefixtures("gpu")
def test_a_block_that_does_not_fit_is_halved(split, tmp_path, monkeypatch, capfd):
    train_into(tmp_path / "whole", split, SMALL, "cuda")
    memory_for(monkeypatch, 2)
    train_into(tmp_path / "halved", split, SMALL, "cuda")
    assert "too little memory for 3 replicas at once; going on with half" in capfd.readouterr().err
    for file in TRAINED.values():
        assert deviation(tmp_path / "whole" / file, tmp_path / "halved" / file) < FLOAT32


@pytest.mark.usefixtures("gpu")
def test_a_block_that_fits_no_more_goes_on_from_where_it_was_saved(split, tmp_path, monkeypatch):
    train_into(tmp_path / "whole", split, SMALL, "cuda")
    steps = 4  # an epoch
    memory_for(monkeypatch, 1, spent=2 * steps)
    lines = []
    monkeypatch.setattr(Reporter, "__call__", lambda _, line, *__: lines.append(line))
    train_into(tmp_path / "halved", split, SMALL, "cuda", save_every=0)
    epochs = [int(line.partition(", epoch ")[2].partition("/")[0]) for line in lines if ", epoch " in line]
    assert epochs == [1, 2, 3, 3, 3]
    for file in TRAINED.values():
        assert deviation(tmp_path / "whole" / file, tmp_path / "halved" / file) < FLOAT32


@pytest.mark.usefixtures("gpu")
def test_one_replica_that_does_not_fit_is_one_clear_line(split, tmp_path, monkeypatch):
    memory_for(monkeypatch, 0)
    with pytest.raises(ValueError, match="too little memory for a single replica; give") as caught:
        train_into(tmp_path, split, SMALL, "cuda")
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("gpu")
def test_a_retry_with_less_memory_goes_on_from_where_the_job_was(split, tmp_path, monkeypatch):
    train_into(tmp_path / "whole", split, SMALL, "cuda")

    def killed(_, line, *__):
        if line.startswith("replica 3/3, epoch 3/3"):
            raise Killed

    lines = []
    with monkeypatch.context() as patch:
        patch.setattr(Reporter, "__call__", killed)
        with pytest.raises(Killed):
            train_into(tmp_path / "moved", split, SMALL, "cuda", save_every=0)
    memory_for(monkeypatch, 1)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (1, 1))
    monkeypatch.setattr(Reporter, "__call__", lambda _, line, *__: lines.append(line))
    train_into(tmp_path / "moved", split, SMALL, "cuda", save_every=0)
    epochs = [line.partition(",")[2].split("/")[0] for line in lines if ", epoch" in line]
    assert epochs == [" epoch 3"] * 3
    for file in TRAINED.values():
        assert deviation(tmp_path / "whole" / file, tmp_path / "moved" / file) < FLOAT32
