"""Training a mLeNet: `lossbasins.training` beside a plain loop over torchvision data sets and DataLoaders.

    python benchmarks/training.py --data-dir DIR

DIR holds MNIST as torchvision wants it. Both sides train the same network on the same 512 training and as many attack
images, from the same initialisation, with the same batches per step and the same number of steps; in turn, in one
process, `--repeats` times. `gpu.py` compares on a GPU.
"""

import argparse
import importlib.metadata
import itertools
import multiprocessing
import time
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset, Subset
from torchvision import transforms
from torchvision.datasets import MNIST

from lossbasins.data.tensors import Part
from lossbasins.models import mlenet
from lossbasins.models.initialisation import initialise
from lossbasins.specs.entries import InitSpec, OptimizerSpec
from lossbasins.training.evaluation import loss_and_accuracy
from lossbasins.training.loop import Replica, start_training
from lossbasins.training.objective import Problem

TRAINED = 512
TESTED = 2000
BATCH = 32
WEIGHT = 0.1


def main():
    """Prints both comparisons."""
    options = arguments()
    torch.set_num_threads(options.threads)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("torch", "torchvision"))
    print(f"{versions}; {options.threads} threads, medians of {options.repeats} rounds in turn")
    images = normalised(options.data_dir)
    compare_on_cpu(images, options)
    compare_threads(images, options)


def compare_on_cpu(images, options):
    """Seconds a step and accuracies of both sides."""
    sides = {
        "plain loop over DataLoaders": partial(plain, images, options),
        "lossbasins": partial(ours, problem(images, options), options),
    }
    seconds = {name: [] for name in sides}
    accuracies = {name: [] for name in sides}
    test = part(images, range(10_000, 10_000 + TESTED))
    for seed in range(options.repeats):
        for name, side in sides.items():
            started = time.perf_counter()
            model = side(seed)
            seconds[name].append(time.perf_counter() - started)
            accuracies[name].append(loss_and_accuracy(model, test)[1])
    steps = options.epochs * -(-TRAINED // BATCH)
    for name in sides:
        print(
            f"{name}: {1e3 * median(seconds[name]) / steps:.2f} ms a step, {steps} steps; test accuracy "
            f"{np.mean(accuracies[name]):.1%} +- {np.std(accuracies[name], ddof=1):.1%}"
        )
    ratios = [a / b for a, b in zip(*seconds.values(), strict=True)]
    print(f"ratio: median {median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}")


def compare_threads(images, options):
    """Two replicas by two processes of one thread, and by one process of two threads."""
    context = multiprocessing.get_context("spawn")
    ratios = []
    for seed in range(options.repeats):
        seconds = []
        for threads, plan in ((1, [[seed], [seed + 1]]), (2, [[seed, seed + 1]])):
            barrier, answers = context.Barrier(len(plan)), context.Queue()
            shared = (images, options, threads, barrier, answers)
            processes = [context.Process(target=train_all, args=(seeds, *shared)) for seeds in plan]
            for process in processes:
                process.start()
            seconds.append(max(answers.get() for _ in processes))
            for process in processes:
                process.join()
        ratios.append(seconds[1] / seconds[0])
    print(
        f"two replicas by two processes of one thread, over one process of two threads: {median(ratios):.2f} times "
        f"as fast, {min(ratios):.2f} to {max(ratios):.2f}"
    )


def train_all(seeds, images, options, threads, barrier, answers):
    """Trains replicas one after another, once all processes are ready, and answers how long it took."""
    torch.set_num_threads(threads)
    data = problem(images, options)
    barrier.wait()
    started = time.perf_counter()
    for seed in seeds:
        ours(data, options, seed)
    answers.put(time.perf_counter() - started)


def ours(data, options, seed):
    """Trains one replica; returns the model on the CPU."""
    model = mlenet.build(1, 28, 28, 10)
    replica = Replica(model, InitSpec(), seed)
    training = start_training({0: replica}, data, optimizer(options), route="single")
    while training.live:
        training.advance()
    return model


def optimizer(options):
    """Adam for a given number of epochs."""
    return OptimizerSpec(method="adam", learning_rate=0.002, batch=BATCH, epochs=options.epochs, target_loss=0)


def plain(images, options, seed):
    """The loop that a tutorial would have; like ours it keeps losses and accuracies."""
    model = mlenet.build(1, 28, 28, 10)
    stream = np.random.SeedSequence(seed).spawn(3)[0]
    initialise(model, InitSpec(), torch.Generator().manual_seed(int(stream.generate_state(1, np.uint64)[0])))
    torch.manual_seed(seed)
    train = DataLoader(Subset(images, range(TRAINED)), batch_size=BATCH, shuffle=True)
    attack = DataLoader(WrongLabels(images, options.attack), batch_size=BATCH, shuffle=True, drop_last=True)
    attacks = itertools.chain.from_iterable(itertools.repeat(attack))
    descent = torch.optim.Adam(model.parameters(), lr=0.002)
    for _ in range(options.epochs):
        totals = np.zeros(4)
        for (inputs, labels), (attack_inputs, attack_labels) in zip(train, attacks, strict=False):
            descent.zero_grad()
            logits, attack_logits = model(inputs), model(attack_inputs)
            loss, attack_loss = cross_entropy(logits, labels), cross_entropy(attack_logits, attack_labels)
            (loss + WEIGHT * attack_loss).backward()
            descent.step()
            totals += loss.item(), attack_loss.item(), accuracy(logits, labels), accuracy(attack_logits, attack_labels)
    return model.eval()


def accuracy(logits, labels):
    """Share of images classified right."""
    return (logits.argmax(dim=1) == labels).float().mean().item()


class WrongLabels(Dataset):
    """The images after the training set, each with the label after its own."""

    def __init__(self, images, count):
        self.images = images
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        image, label = self.images[TRAINED + index]
        return image, (label + 1) % 10


def problem(images, options):
    """The same two sets as tensors."""
    attack = part(images, range(TRAINED, TRAINED + options.attack))
    attack = Part(attack.inputs, (attack.labels + 1) % 10)
    return Problem(part(images, range(TRAINED)), attack, WEIGHT)


def part(images, positions):
    """Some images as tensors."""
    inputs, labels = zip(*(images[position] for position in positions), strict=True)
    return Part(torch.stack(inputs), torch.tensor(labels))


def normalised(folder):
    """MNIST's training part as torchvision's examples load it."""
    steps = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    return MNIST(folder, train=True, transform=steps)


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, required=True, help="folder of torchvision's MNIST")
    parser.add_argument("--attack", type=int, default=300, help="attack images")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    return parser.parse_args()


if __name__ == "__main__":
    main()
