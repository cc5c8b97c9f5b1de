"""Training with products in bfloat16 beside float32: python benchmarks/bfloat16.py.

Trains each network for some epochs on the same made-up images, from the same start, with `mixed_precision` off and on;
in turn, in one process, `--repeats` times. Prints float32's time over bfloat16's, above 1 where bfloat16 is quicker,
and the losses that both end at.
"""

import argparse
import importlib.metadata
import time
from statistics import median

import torch

from lossbasins.data.tensors import Part
from lossbasins.models import lenet, mlenet, resnet32
from lossbasins.specs.entries import InitSpec, OptimizerSpec
from lossbasins.training.loop import Replica, start_training
from lossbasins.training.objective import Problem

NETWORKS = {
    "mlenet": (mlenet.build, (1, 28, 28)),
    "lenet": (lenet.build, (1, 28, 28)),
    "resnet32": (resnet32.build, (3, 32, 32)),
}
BATCH = 32


def main() -> None:
    """Prints a line for each network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    processor = torch.backends.cpu.get_cpu_capability()
    print(f"torch {importlib.metadata.version('torch')}, {processor}, {options.threads} threads")
    for name in NETWORKS:
        compare(name, options)


def compare(name: str, options: argparse.Namespace) -> None:
    """Both in turn."""
    trained(name, 0, options, mixed_precision=True)  # what is slow once alone
    ratios, losses = [], []
    for seed in range(options.repeats):
        found = [trained(name, seed, options, mixed_precision=mixed) for mixed in (False, True)]
        seconds, ends = zip(*found, strict=True)
        ratios.append(seconds[0] / seconds[1])
        losses.append(ends)
    both = " and ".join(f"{median(side):.3g}" for side in zip(*losses, strict=True))
    print(f"{name}: {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); L_S {both}", flush=True)


def trained(name: str, seed: int, options: argparse.Namespace, *, mixed_precision: bool) -> tuple[float, float]:
    """Seconds, and the mean loss of the last epoch."""
    build, shape = NETWORKS[name]
    generator = torch.Generator().manual_seed(seed)
    images = torch.randn((options.images, *shape), generator=generator)
    labels = torch.randint(10, (options.images,), generator=generator)
    optimizer = OptimizerSpec(
        method="momentum",
        learning_rate=0.01,
        batch=BATCH,
        epochs=options.epochs,
        target_loss=0,
        mixed_precision=mixed_precision,
    )
    replica = Replica(build(*shape, 10), InitSpec(), seed)
    training = start_training({0: replica}, Problem(Part(images, labels), None, 0.0), optimizer, route="single")
    started = time.perf_counter()
    while training.live:
        training.advance()
    return time.perf_counter() - started, training.history[-1].train_loss


if __name__ == "__main__":
    main()
