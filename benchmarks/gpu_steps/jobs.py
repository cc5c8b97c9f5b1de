"""Jobs as the workflow runs them, in this process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch

from gpu_steps.images import ARCHIVE
from gpu_steps.setting import Setting
from lossbasins import catalogue
from lossbasins.jobs import job_text
from lossbasins.provenance.fingerprint import code_of
from lossbasins.provenance.manifest import Manifest
from lossbasins.runner import run_job
from lossbasins.specs import evaluate, fetch, measure, polish, split, train
from lossbasins.specs.base import Spec
from lossbasins.specs.entries import AttackSpec, ModelSpec, OptimizerSpec, Precision

STAGES = (
    "fetch",
    "split",
    "train",
    "evaluate",
    "polish",
    "spectrum",
    "frobenius",
    "curve_fitting",
    "two_layer",
    "convex",
)
MEASURED = {
    "split": "split.npz",
    "solutions": "trained/solutions.safetensors",
    "evaluation": "trained/evaluation.csv",
}
"""Inputs of every measure."""
NEVER = 1e9
"""Seconds between saved states, where none is wanted."""


@dataclass(frozen=True)
class Job:
    """One job; files are named relative to the folder of its run."""

    stage: str
    spec: Spec
    inputs: Mapping[str, str | Path] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """A job that ended well."""

    manifest: Manifest
    peak: int
    """Bytes that it held on the GPU at most."""


def run(job: Job, folder: Path, setting: Setting, save_every: float = NEVER) -> Done:
    """Runs a job on the GPU, if its stage uses one."""
    torch.cuda.reset_peak_memory_stats()
    outputs = {name: [folder / path] for name, path in job.outputs.items()}
    manifest = run_job(
        job.stage,
        job_text(catalogue.stage(job.stage), job.spec),
        {name: [folder / path] for name, path in job.inputs.items()},
        outputs | {"manifest": [next(iter(outputs.values()))[0].with_name(f"{job.stage}.manifest.json")]},
        device="auto",
        threads=setting.threads,
        data_dir=setting.scratch,
        save_every=save_every,
    )
    return Done(manifest, torch.cuda.max_memory_allocated())


def prepare() -> None:
    """Looks up the code and versions of all stages, once for all processes that are forked from this one."""
    for stage in STAGES:
        code_of(catalogue.stage(stage).module)


def images(scratch: Path, choices: split.SplitChoices) -> list[Job]:
    """The archive, fetched and split."""
    archive = scratch / ARCHIVE
    source = fetch.Spec(source="npz", options={"path": str(archive)})
    divided = split.Spec(**choices.model_dump(), seed=0)
    return [
        Job("fetch", source, {"raw": archive}, {"images": "images.npz"}),
        Job("split", divided, {"images": "images.npz"}, {"split": "split.npz"}),
    ]


def training(model: ModelSpec, optimizer: OptimizerSpec, attack: AttackSpec | None, replicas: int) -> Job:
    """All replicas of a run."""
    spec = train.Spec(model=model, init={}, optimizer=optimizer, attack=attack, seeds=tuple(range(replicas)))
    outputs = {"solutions": "trained/solutions.safetensors", "history": "trained/history.csv"}
    return Job("train", spec, {"split": "split.npz"}, outputs)


def evaluation(model: ModelSpec, attack: AttackSpec | None, precision: Precision) -> Job:
    """What the trained replicas reach."""
    inputs = {"split": "split.npz", "solutions": "trained/solutions.safetensors", "history": "trained/history.csv"}
    spec = evaluate.Spec(model=model, attack=attack, precision=precision)
    return Job("evaluate", spec, inputs, {"evaluation": "trained/evaluation.csv"})


def polishing(model: ModelSpec, choices: polish.PolishChoices) -> Job:
    """The trained replicas brought to one loss."""
    inputs = {"split": "split.npz", "solutions": "trained/solutions.safetensors"}
    outputs = {name: f"matched/{name}.csv" for name in ("history", "polish")}
    spec = polish.Spec(model=model, **choices.model_dump())
    return Job("polish", spec, inputs, {"solutions": "matched/solutions.safetensors", **outputs})


def norms(model: ModelSpec, probes: int) -> Job:
    """Frobenius norms of the Hessians at the fitted replicas."""
    chosen = {"name": "frobenius", "options": {"probes": probes}, "precision": "float32", "seed": 0}
    spec = measure.Spec(model=model, measures=(chosen,))
    return Job("frobenius", spec, MEASURED, {"values": "trained/frobenius.csv"})


def spectra(model: ModelSpec) -> Job:
    """All eigenvalues of the Hessians at the fitted replicas."""
    spec = measure.Spec(model=model, measures=({"name": "spectrum", "precision": "float64", "seed": 0},))
    return Job("spectrum", spec, MEASURED, {"arrays": "trained/spectrum.npz"})
