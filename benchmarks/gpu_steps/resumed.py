"""Trainings that are killed go on, and end with the same bytes: in a stack, and in the second replica of two."""

import os
import signal
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from unittest import mock

from gpu_steps import jobs
from gpu_steps.jobs import Job
from gpu_steps.report import Yes
from gpu_steps.session import FORK
from gpu_steps.stages import digests
from lossbasins.provenance.manifest import read_manifest
from lossbasins.specs.entries import AttackSpec, ModelSpec, OptimizerSpec
from lossbasins.specs.split import SplitChoices
from lossbasins.training.loop import Training


@dataclass(frozen=True)
class Case:
    """A training and the epoch, counted over all replicas that train one after another, in which it is killed."""

    folder: Path
    images: list[Job]
    training: Job
    epoch: int

    @property
    def trained(self):
        """Folder of the solutions."""
        return self.folder / "trained"


def run(setting, report):
    """Trains undisturbed, kills, has it go on; only processes of their own use the GPU."""
    for name, case in {
        "mLeNet in a stack": mlenet(setting),
        "ResNet-32 in its second replica": resnet(setting),
    }.items():
        with report.attempt(name):
            if status := elsewhere(undisturbed, case, setting):
                raise RuntimeError(f"the undisturbed training ended with exit status {status}")
            before = solutions(case)
            for path in case.trained.iterdir():
                path.unlink()
            status = elsewhere(killed, case, setting)
            left = [path.name for path in case.trained.iterdir()]
            report(f"{name}: killed", status == -signal.SIGKILL and left == [".train.state"], goal=Yes())
            if status := elsewhere(resumed, case, setting):
                raise RuntimeError(f"the resumed training ended with exit status {status}")
            report(f"{name}: resumed to the same bytes", solutions(case) == before, goal=Yes())


def solutions(case):
    """Digests of what a training wrote."""
    return digests(read_manifest(case.trained / "train.manifest.json"))


def elsewhere(work, *arguments):
    """Runs a function in a process of its own; its exit status."""
    process = FORK.Process(target=work, args=arguments)
    process.start()
    process.join()
    return process.exitcode


def undisturbed(case, setting):
    """All jobs."""
    for job in (*case.images, case.training):
        jobs.run(job, case.folder, setting)


def killed(case, setting):
    """The training alone, in a process that kills itself without warning."""
    epochs, advance = count(1), Training.advance

    def mortal(training):
        if next(epochs) == case.epoch:
            os.kill(os.getpid(), signal.SIGKILL)
        advance(training)

    with mock.patch.object(Training, "advance", mortal):
        jobs.run(case.training, case.folder, setting, save_every=0)


def resumed(case, setting):
    """The training once more."""
    jobs.run(case.training, case.folder, setting)


def mlenet(setting):
    """Six replicas under attack, killed halfway."""
    model = ModelSpec(architecture="mlenet", options={"widths": setting.size([6, 15], [2, 3])})
    attack = AttackSpec(weight=0.1, size=setting.size(300, 8))
    epochs = setting.size(20, 4)
    optimizer = OptimizerSpec(method="adam", learning_rate=0.003, batch=32, epochs=epochs)
    choices = SplitChoices(selection="first", train=setting.size(512, 40), attack=attack.size)
    return Case(
        setting.scratch / "resumed" / model.architecture,
        jobs.images(setting.scratch, choices),
        jobs.training(model, optimizer, attack, setting.size(6, 2)),
        epochs // 2 + 1,
    )


def resnet(setting):
    """Two replicas, one after the other, the second killed halfway."""
    model = ModelSpec(architecture="resnet32", options={"base": setting.size(16, 2)})
    epochs = setting.size(10, 2)
    optimizer = OptimizerSpec(method="momentum", learning_rate=0.05, batch=64, epochs=epochs)
    choices = SplitChoices(selection="first", train=setting.size(512, 16), attack=0, test=16, image_size=32)
    return Case(
        setting.scratch / "resumed" / model.architecture,
        jobs.images(setting.scratch, choices),
        jobs.training(model, optimizer, None, 2),
        epochs + epochs // 2 + 1,
    )
