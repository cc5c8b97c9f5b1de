"""Table 1's LeNet at the paper's size: 60,000 images, 50 epochs, four initialisations of six replicas each."""

import time
from statistics import mean, stdev

import torch

from gpu_steps.images import problem, split
from gpu_steps.peers import our_epochs, seconds_an_epoch
from gpu_steps.report import AtMost
from gpu_steps.routes import routes_here
from gpu_steps.setting import DEVICE
from gpu_steps.timing import arithmetic
from lossbasins.data.tensors import test_part
from lossbasins.models import lenet
from lossbasins.specs.entries import InitSpec, OptimizerSpec
from lossbasins.training.evaluation import loss_and_accuracy
from lossbasins.training.loop import Replica, start_training
from lossbasins.training.routes import is_stacked

INITS = {
    "lecun-uniform": (InitSpec(distribution="uniform", gain=1), "99.00 ± 0.19"),
    "glorot-uniform": (InitSpec(distribution="uniform", fan="average", gain=1), "98.99 ± 0.23"),
    "he-uniform": (InitSpec(distribution="uniform"), "99.19 ± 0.03"),
    "he": (InitSpec(), "99.13 ± 0.11"),
}
"""As in config.yaml, each with the test accuracy that the paper prints, in percent."""
GOAL = AtMost(300)
"""Seconds."""


def run(setting, report):
    """All replicas in one stack, by the route that is the fastest on few images."""
    replicas, trained, epochs = setting.size((6, 60_000, 50), (2, 128, 2))
    few = problem(setting.scratch, setting.size(2048, 64))
    with arithmetic(tf32=False):
        rates = {}
        for route in routes_here(lenet.build(1, 28, 28, 10), "momentum", setting, report):
            if is_stacked(route):
                with report.attempt(route):
                    training = start(few, route, replicas, epochs=10**6)
                    rates[route] = seconds_an_epoch(our_epochs(training), setting.size(0.5, 0.01)) / few.trained
                    what = f"{route}: {epochs} epochs, reckoned from {few.trained} images"
                    report.measured(what, rates[route] * trained * epochs, "s")
        route = min(rates, key=rates.__getitem__)
        started = time.perf_counter()
        training = start(problem(setting.scratch, trained), route, replicas, epochs)
        for done, _ in enumerate(our_epochs(training), start=1):
            report.measured(f"{route}: epochs done", f"{done} of {epochs}, {time.perf_counter() - started:.1f} s")
        torch.cuda.synchronize()
        report.measured("LeNet's column", time.perf_counter() - started, "s", GOAL, f"{trained} images")
        accuracies(training, replicas, split(setting.scratch, trained), report)


def start(data, route, replicas, epochs):
    """The training of all replicas of all initialisations."""
    optimizer = OptimizerSpec(
        method="momentum", options={"momentum": 0.9}, learning_rate=0.01, batch=64, schedule="cosine", epochs=epochs
    )
    inits = [init for init, _ in INITS.values() for _ in range(replicas)]
    chosen = {number: Replica(lenet.build(1, 28, 28, 10), init, number) for number, init in enumerate(inits)}
    return start_training(chosen, data, optimizer, route=route)


def accuracies(training, replicas, parts, report):
    """Rows of the table, beside the paper's."""
    test = test_part(parts, torch.float32, DEVICE)
    last = {epoch.replica: 100 * epoch.train_accuracy for epoch in training.history}
    finished = training.result()["finished"]
    for number, (name, (_, printed)) in enumerate(INITS.items()):
        members = range(number * replicas, (number + 1) * replicas)
        tested = [100 * test_accuracy(finished[member], test) for member in members]
        trained = spread([last[member] for member in members])
        note = f"paper {printed}; in training's last epoch {trained}; {len(test.labels):,} test images"
        report.measured(f"{name}: test accuracy", spread(tested), "%", note=note)


def test_accuracy(values, test):
    """Of one network."""
    model = lenet.build(1, 28, 28, 10)
    model.load_state_dict(values)
    return loss_and_accuracy(model.to(DEVICE), test)[1]


def spread(values):
    """Mean and standard deviation."""
    return f"{mean(values):.2f} ± {stdev(values):.2f}"
