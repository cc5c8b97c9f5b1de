"""The routes by which replicas train: whether they give the same networks, and how many models an hour each makes."""

import torch

from gpu_steps.images import problem, split
from gpu_steps.peers import our_epochs, plain_epochs, seconds_an_epoch
from gpu_steps.report import AtLeast
from gpu_steps.session import FORK
from gpu_steps.setting import DEVICE
from gpu_steps.timing import arithmetic
from lossbasins.data.tensors import test_part
from lossbasins.models import mlenet
from lossbasins.specs.entries import InitSpec, OptimizerSpec
from lossbasins.training.evaluation import euclidean_norm, loss_and_accuracy
from lossbasins.training.loop import Replica, start_training
from lossbasins.training.routes import GRAPH, is_stacked, possible_routes

LEARNING_RATE = 0.003
BATCH = 32
EPOCHS = 300
"""Of one model in the study of MNIST."""
ALONE = "single"
GOAL = AtLeast(10)
"""Times the models an hour of one plain process, with `COMPARED` replicas."""
COMPARED = 64
PROCESSES = (1, 8)
PATIENCE = 30
"""Seconds that processes wait for each other."""


def agree(setting, report):
    """Trains the same replicas by each route, and compares them with those that trained one by one."""
    data = attacked(setting)
    test = test_part(split(setting.scratch, data.trained, data.attacked), torch.float32, DEVICE)
    replicas, epochs = setting.size(4, 2), setting.size(15, 3)
    alone = {}
    for route in routes_here(network(setting), "adam", setting, report):
        with report.attempt(route), arithmetic(tf32=False):
            early = trained(setting, data, route, replicas, epochs=1)
            late = trained(setting, data, route, replicas, epochs=epochs)
            alone = alone or early
            distance = max(relative_distance(early[replica], alone[replica]) for replica in alone)
            report(f"{route}: distance from {ALONE} after one epoch, relative", distance)
            accuracies = [accuracy(setting, values, test) for values in late.values()]
            report(f"{route}: test accuracy after {epochs} epochs", sum(accuracies) / replicas)


def throughput(setting, report):
    """Models an hour, first of plain loops, since their processes must be forked before this one uses the GPU."""
    seconds = setting.size(1.0, 0.01)
    plain = {}
    for processes in setting.size(PROCESSES, (1, 2)):
        with report.attempt(f"{processes} plain processes"):
            plain[processes] = sum(models_an_hour(1, s) for s in plain_processes(processes, setting, seconds))
            report.measured(f"plain loop, {processes} processes", plain[processes], "models an hour")
    data = attacked(setting)
    best = {}
    for replicas in setting.size((1, 8, COMPARED, 512), (1, 3)):
        for route in routes_here(network(setting), "adam", setting, report):
            if replicas > 1 and not is_stacked(route):
                continue
            with report.attempt(f"{route}, {replicas} replicas"), arithmetic(tf32=False):
                epochs = our_epochs(training(setting, data, route, range(replicas), epochs=10**6))
                rate = models_an_hour(replicas, seconds_an_epoch(epochs, seconds))
                best[replicas] = max((rate, route), best.get(replicas, (0, "")))
                report.measured(f"{route}, {replicas} replicas", rate, "models an hour")
    for processes, alone in plain.items():
        for replicas, (rate, route) in best.items():
            goal = GOAL if (replicas, processes) == (COMPARED, 1) else None
            what = f"replicas {replicas} / plain processes {processes}"
            report.measured(what, rate / alone, "times", goal, route)


def models_an_hour(replicas, seconds):
    """From the seconds of an epoch of all."""
    return 3600 * replicas / (EPOCHS * seconds)


def attacked(setting):
    """The MNIST study's size with an attack set that can be fitted."""
    return problem(setting.scratch, setting.size(512, 64), setting.size(300, 32), 0.1, DEVICE)


def network(setting):
    """A mLeNet."""
    return mlenet.build(1, 28, 28, 10, widths=setting.size((6, 15), (2, 3)))


def routes_here(model, method, setting, report):
    """Those that can train a model, less graphs in a rehearsal: a pretend GPU has none."""
    for route in possible_routes(model, method, torch.device(DEVICE)):
        if setting.pretend and route.startswith(GRAPH):
            report.measured(route, None)
        else:
            yield route


def training(setting, data, route, replicas, epochs):
    """Of some replicas at once, for so many epochs."""
    optimizer = OptimizerSpec(method="adam", learning_rate=LEARNING_RATE, batch=BATCH, epochs=epochs)
    chosen = {replica: Replica(network(setting), InitSpec(), replica) for replica in replicas}
    return start_training(chosen, data, optimizer, route=route)


def trained(setting, data, route, replicas, epochs):
    """Parameters by name of each replica, after so many epochs."""
    finished = {}
    for block in [range(replicas)] if is_stacked(route) else [[replica] for replica in range(replicas)]:
        running = training(setting, data, route, block, epochs)
        while running.live:
            running.advance()
        finished |= running.result()["finished"]
    return finished


def relative_distance(found, right):
    """Of all parameters of two networks."""
    apart = euclidean_norm(found[name].double() - values.double() for name, values in right.items())
    return apart / euclidean_norm(values.double() for values in right.values())


def accuracy(setting, values, test):
    """On the test set."""
    model = network(setting)
    model.load_state_dict(values)
    return loss_and_accuracy(model.to(DEVICE), test)[1]


def plain_processes(count, setting, seconds):
    """Seconds of an epoch in each of some processes that train at the same time."""
    together, answers = FORK.Barrier(count), FORK.Queue()
    arguments = (setting, seconds, together, answers)
    processes = [FORK.Process(target=plain_process, args=(seed, *arguments)) for seed in range(count)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise RuntimeError(f"a plain process ended with exit status {max(abs(p.exitcode) for p in processes)}")
    return [answers.get() for _ in processes]


def plain_process(seed, setting, seconds, together, answers):
    """Trains one model after the others have started too."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    data = attacked(setting)
    model = network(setting).to(device=DEVICE, memory_format=torch.channels_last)
    epochs = plain_epochs(model, torch.optim.Adam(model.parameters(), lr=LEARNING_RATE), data, BATCH)
    with arithmetic(tf32=False, deterministic=False):
        next(epochs)
        together.wait(timeout=PATIENCE)
        answers.put(seconds_an_epoch(epochs, seconds))
