"""ResNet-32 and ResNet-18: images a second beside a plain loop, and what their curvature and evaluation cost."""

from functools import partial

import torch

from gpu_steps.peers import our_epochs, plain_epochs, seconds_an_epoch
from gpu_steps.routes import routes_here
from gpu_steps.setting import DEVICE
from gpu_steps.timing import arithmetic, seconds_of
from lossbasins.curvature import HessianOperator, Objective
from lossbasins.data.tensors import Part
from lossbasins.models import resnet18, resnet32
from lossbasins.specs.entries import InitSpec, OptimizerSpec
from lossbasins.training.evaluation import loss_and_accuracy, loss_and_gradient
from lossbasins.training.loop import Replica, start_training
from lossbasins.training.objective import Problem

NETWORKS = {"ResNet-32": (resnet32, 16), "ResNet-18": (resnet18, 64)}
"""Modules, and the channels of the first stage."""
ARITHMETIC = ("float32", "TF32", "bfloat16")
BATCH = 128
LEARNING_RATE = 0.1
STUDY = {"train": 50_000, "test": 10_000, "replicas": 6}
"""CIFAR-10, whole."""


def speed(setting, report):
    """Images a second in training, by each route of ours and by the loop that one would write oneself."""
    data = Problem(images(setting.size(2048, 8), torch.float32), None, 0.0)
    seconds = setting.size(0.7, 0.01)
    for name in NETWORKS:
        for numbers in setting.size(ARITHMETIC, ARITHMETIC[::2]):
            mixed = numbers == "bfloat16"
            with report.attempt(f"{name}, {numbers}: plain"):
                with arithmetic(tf32=numbers == "TF32", deterministic=False):
                    model = network(name, setting).to(device=DEVICE, memory_format=torch.channels_last)
                    descent = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=0.9)
                    epochs = plain_epochs(model, descent, data, BATCH, mixed_precision=mixed)
                    plain = data.trained / seconds_an_epoch(epochs, seconds)
                report.measured(f"{name}, {numbers}: plain", plain, "images/s")
            for route in routes_here(network(name, setting), "momentum", setting, report):
                with report.attempt(f"{name}, {numbers}: {route}"):
                    with arithmetic(tf32=numbers == "TF32"):
                        training = start(name, data, route, setting, mixed_precision=mixed)
                        ours = data.trained / seconds_an_epoch(our_epochs(training), seconds)
                    note = f"{ours / plain:.2f} of plain"
                    report.measured(f"{name}, {numbers}: {route}", ours, "images/s", note=note)


def cost(setting, report):
    """Products with the Hessian, and what evaluating all replicas of a study would take."""
    for name in NETWORKS:
        for dtype in (torch.float32, torch.float64):
            numbers = str(dtype).removeprefix("torch.")
            part = images(setting.size(512, 4), dtype)
            model = network(name, setting).to(device=DEVICE, dtype=dtype).eval()
            with report.attempt(f"{name}, {numbers}"), arithmetic(tf32=False):
                if name == "ResNet-32":
                    products(name, Objective(model, part.inputs, part.labels), setting, report)
                forward, backward = (
                    seconds_of(partial(call, model, part), rounds=3) / len(part.labels)
                    for call in (loss_and_accuracy, loss_and_gradient)
                )
                each = STUDY["train"] * (forward + backward) + STUDY["test"] * forward
                note = f"{STUDY['replicas']} replicas, {STUDY['train']:,} and {STUDY['test']:,} images"
                report.measured(f"{name}, {numbers}: evaluation", STUDY["replicas"] * each / 60, "minutes", note=note)


def products(name, objective, setting, report):
    """A second's worth."""
    vector = objective.parameters
    for chunk in (None, setting.size(128, 2)):
        operator = HessianOperator(objective, chunk=chunk)
        rate = 1 / seconds_of(partial(operator.product, vector), rounds=3)
        note = f"{objective.samples} images, {'one graph' if chunk is None else f'by {chunk}'}"
        numbers = str(objective.dtype).removeprefix("torch.")
        report.measured(f"{name}, {numbers}: Hessian-vector products, {note}", rate, "a second")


def images(count, dtype):
    """Drawn ones: speed does not depend on what they show."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(count, 3, 32, 32, generator=generator, dtype=dtype)
    return Part(inputs.to(DEVICE), (torch.arange(count) % 10).to(DEVICE))


def network(name, setting):
    """Of CIFAR-10's shape, with torch's own initialisation."""
    module, base = NETWORKS[name]
    return module.build(3, 32, 32, 10, base=setting.size(base, 2))


def start(name, data, route, setting, *, mixed_precision):
    """A training that does not end."""
    optimizer = OptimizerSpec(
        method="momentum",
        options={"momentum": 0.9},
        learning_rate=LEARNING_RATE,
        batch=BATCH,
        mixed_precision=mixed_precision,
        epochs=10**6,
    )
    return start_training({0: Replica(network(name, setting), InitSpec(), 0)}, data, optimizer, route=route)
