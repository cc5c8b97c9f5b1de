"""What the estimators of `lossbasins.curvature` give for a ResNet-32, with their errors, time and memory, on a CPU.

    python benchmarks/curvature_large.py --data cifar10.npz --figure density.svg

trains a ResNet-32 on the first images of an archive with `train_images` (n, 32, 32, 3) and `train_labels`, then takes
the Hessian of the mean loss on some of them: Frobenius norm to 5 %, top ten eigenvalues with residuals, spectral
density, log inverse volume. Without `--data` images and labels are random, which shows time but no real spectrum.
"""

import argparse
import resource
import time
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
import numpy as np
import torch
from matplotlib import pyplot as plt
from torch.nn.functional import cross_entropy

from lossbasins.curvature import (
    HessianOperator,
    Objective,
    estimate_log_inverse_volume,
    frobenius_squared,
    spectral_density,
    top_eigenpairs,
)
from lossbasins.models import resnet32

mpl.use("Agg")


def main():
    """Trains, measures, prints."""
    options = arguments()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    images, labels = read_images(options.data, max(options.train, options.samples))
    model = resnet32.build(3, 32, 32, 10)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    with timed(f"trained {options.epochs} epochs on {options.train} images"):
        accuracy = train(model, images[: options.train], labels[: options.train], options.epochs)
    objective = Objective(model.eval(), images[: options.samples], labels[: options.samples])
    print(f"P = {objective.size}, n = {objective.samples}, loss {objective.value:.4f}, accuracy {accuracy:.1%}")
    measure(objective, options)


def measure(objective, options):
    """Prints one line for each quantity, and draws the density."""
    with timed("one Hessian-vector product"):
        operator = HessianOperator(objective, chunk=options.chunk)
        operator.product(torch.ones(objective.size))
    with timed("top 10 eigenvalues"):
        top = top_eigenpairs(objective, 10, method="lanczos", tolerance=options.tolerance, chunk=options.chunk)
    for value, norm, converged in zip(top.values, top.residual_norms, top.converged, strict=True):
        print(f"  {value:12.5f}   residual {norm:.1e}   {'converged' if converged else 'not converged'}")
    print(f"  {top.matvecs} products")
    with timed("squared Frobenius norm"):
        norm = frobenius_squared(objective, probes=200, relative_error=0.05, chunk=options.chunk, deflation=20)
    print(f"  {norm.value:.5g} +- {norm.standard_error:.2g} ({norm.relative_error:.1%}), {norm.matvecs} products")
    with timed("spectral density"):
        density = spectral_density(
            objective, probes=options.probes, steps=options.steps, deflate=top, chunk=options.chunk
        )
    trace, error = density.moment(1)
    print(f"  {density.matvecs} products, resolution {density.resolution:.3g} beside the top 10")
    print(f"  trace {trace + top.values.sum():.5g} +- {error:.2g}")
    square, error = density.moment(2)
    print(f"  squared Frobenius norm {square + (top.values**2).sum():.5g} +- {error:.2g}")
    for k in (10, 50, 100):
        volume = estimate_log_inverse_volume(top, density, k)
        print(f"  log inverse volume, k = {k}: {volume.value:.2f} +- {volume.standard_error:.2f}")
    if options.figure:
        draw(density, top, objective, options.figure)


def draw(density, top, objective, path):
    """Density with its error band, and the deflated eigenvalues as ticks."""
    figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
    low, high = (f(f(nodes) for nodes in density.nodes) for f in (min, max))
    points = np.linspace(low - 3 * density.resolution, high + 3 * density.resolution, 2000)
    mean, error = density.evaluate(points)
    axes.fill_between(points, np.maximum(mean - 2 * error, 1e-12), mean + 2 * error, alpha=0.4, linewidth=0)
    axes.plot(points, mean, linewidth=1)
    axes.plot(top.values, np.full(len(top.values), 3e-6), "|", markersize=12)
    axes.set_xscale("symlog", linthresh=5 * density.resolution)
    axes.set(yscale="log", ylim=(1e-6, None), xlabel="eigenvalue", ylabel="density")
    axes.set_title(f"ResNet-32, P = {objective.size}, n = {objective.samples}: band 2 standard errors", fontsize=9)
    figure.savefig(path)
    print(f"figure: {path}")


def train(model, images, labels, epochs):
    """Momentum SGD with a rate that falls to zero; returns the accuracy on the same images in eval mode."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
    steps = epochs * -(-len(images) // 128)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(128):
            optimizer.zero_grad()
            cross_entropy(model(images[batch]), labels[batch]).backward()
            optimizer.step()
            schedule.step()
    model.eval()
    with torch.no_grad():
        guesses = torch.cat([model(part).argmax(1) for part in images.split(256)])
    return float((guesses == labels).double().mean())


def read_images(path, count):
    """The first images, normalised by channel, and their labels."""
    if path is None:
        return torch.randn(count, 3, 32, 32), torch.randint(0, 10, (count,))
    with np.load(path) as archive:
        images = torch.from_numpy(archive["train_images"][:count]).permute(0, 3, 1, 2).float()
        labels = torch.from_numpy(archive["train_labels"][:count].astype(np.int64))
    mean, deviation = (f(images, dim=(0, 2, 3), keepdim=True) for f in (torch.mean, torch.std))
    return (images - mean) / deviation, labels


@contextmanager
def timed(what):
    """Prints seconds and the process's peak memory so far."""
    start = time.perf_counter()
    yield
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{what}: {time.perf_counter() - start:.1f} s, peak memory {peak:.2f} GiB", flush=True)


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="archive with train_images and train_labels")
    parser.add_argument("--figure", type=Path, help="where to draw the density")
    parser.add_argument("--train", type=int, default=5000, help="images to train on")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--samples", type=int, default=512, help="images of the Hessian")
    parser.add_argument("--chunk", type=int, help="images at a time; by default the graph of all is kept")
    parser.add_argument("--tolerance", type=float, default=1e-2, help="of eigenpairs: residual over largest value")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--probes", type=int, default=3, help="random vectors of the density")
    parser.add_argument("--steps", type=int, default=60, help="Lanczos steps of each")
    return parser.parse_args()


if __name__ == "__main__":
    main()
