"""How good the estimates of the squared Frobenius norm and of the trace are, on mLeNets with and without attack.

    python benchmarks/curvature_estimators.py --table estimators.csv

Forms the exact Hessian of the mean loss on the training images at each solution in float64, then repeats every
estimator with many seeds on products of that matrix: spread over seeds, stated standard error, coverage of the 95 %
interval, and how many products plain Hutchinson would need for the same spread. Finite differences of real gradients
are compared with the exact norm for a row of step sizes. Data are scikit-learn's digits, or MNIST from the four
official files in `--data-dir`.
"""

import argparse
import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_digits
from torch.nn.functional import cross_entropy, interpolate

from lossbasins.curvature import (
    Objective,
    frobenius_squared,
    hessian_matrix,
    matrix_spectrum,
    matrix_trace,
    squared_norm,
)
from lossbasins.curvature.frobenius import difference_step
from lossbasins.models import mlenet

TRAINING = 512
"""Training images, as in the paper."""

ESTIMATORS = (
    ("hutchinson", 100, None),
    ("deflated", 20, 10),
    ("deflated", 40, 20),
    ("hutch++", 20, 5),
    ("hutch++", 40, 12),
)
"""Method, products, columns of the deflated basis."""


def main():
    """Prints and writes the tables."""
    options = arguments()
    torch.set_num_threads(options.threads)
    images, labels = read_images(options.data_dir)
    rows, steps = [], []
    for weight in options.attack_weights:
        model, accuracy = solution(images, labels, weight, options.steps)
        objective = Objective(model.double(), images[:TRAINING].double(), labels[:TRAINING])
        matrix = hessian_matrix(objective, "structured")
        spectrum = matrix_spectrum(matrix)
        exact = spectrum.frobenius_squared
        name = f"attack {weight}"
        print(
            f"{name}: accuracy on other images {accuracy:.1%}, loss {objective.value:.4f}, squared norm {exact:.5g}, "
            f"largest eigenvalues {spectrum.eigenvalues[:-6:-1].round(3)}",
            flush=True,
        )
        for quantity, estimate, value, variance in (
            ("squared norm", squared_norm, exact, 2 * float((spectrum.eigenvalues**4).sum())),
            ("trace", matrix_trace, spectrum.trace, 2 * exact),
        ):
            if options.seeds:
                found = estimators(estimate, matrix, value, variance, options.seeds)
                rows += [{"solution": name, "quantity": quantity} | row for row in found]
        steps += [{"solution": name} | row for row in finite_differences(objective, exact)]
    table, differences = pd.DataFrame(rows), pd.DataFrame(steps)
    if options.seeds:
        print(table.to_markdown(index=False, floatfmt=".3g"))
    print(differences.to_markdown(index=False, floatfmt=".3g"))
    if options.table:
        table.to_csv(options.table, index=False)
        differences.to_csv(options.table.with_stem(options.table.stem + "-steps"), index=False)


def estimators(estimate, matrix, exact, variance, seeds):
    """Spread, bias and coverage of each estimator over seeds; `variance` is that of one plain sample."""
    for method, probes, deflation in ESTIMATORS:
        estimates = [
            estimate(matrix.mv, matrix[0], method, probes=probes, seed=seed, deflation=deflation)
            for seed in range(seeds)
        ]
        values = np.array([found.value for found in estimates])
        spread = values.std(ddof=1)
        covered = [low <= exact <= high for low, high in (found.interval(0.95) for found in estimates)]
        yield {
            "method": method,
            "products": probes,
            "bias / spread of the mean": (values.mean() - exact) / (spread / seeds**0.5),
            "spread over seeds": spread / exact,
            "stated standard error": np.mean([found.standard_error**2 for found in estimates]) ** 0.5 / exact,
            "coverage of 95 %": np.mean(covered),
            "plain products for this spread": variance / spread**2,
        }


def finite_differences(objective, exact, probes=20):
    """Difference from exact products with the same vectors, for steps around the default one."""
    same = frobenius_squared(objective, "hutchinson", probes=probes, seed=0)
    default = difference_step(objective)
    for factor in (1, 1e2, 1e4, 1e5, 1e6):
        found = frobenius_squared(objective, "finite_difference", probes=probes, seed=0, step=factor * default)
        yield {
            "step / default": factor,
            "estimate / exact products": found.value / same.value,
            "estimate / exact norm": found.value / exact,
            "standard error": found.standard_error / exact,
        }


def solution(images, labels, weight, steps):
    """A mLeNet trained on the first images plus, times `weight`, wrong labels on the next 3,000; and its accuracy."""
    torch.manual_seed(0)
    wrong = (labels + torch.randint(1, 10, labels.shape)) % 10
    attack = slice(TRAINING, len(images) - len(images) // 4)
    model = mlenet.build(1, 28, 28, 10)
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.kaiming_normal_(parameter)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        batch = torch.randperm(TRAINING)[:128]
        loss = cross_entropy(model(images[batch]), labels[batch])
        if weight:
            batch = torch.randint(attack.start, attack.stop, (128,))
            loss = loss + weight * cross_entropy(model(images[batch]), wrong[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    model.eval()
    with torch.no_grad():
        guesses = model(images[attack.stop :]).argmax(1)
    return model, float((guesses == labels[attack.stop :]).double().mean())


def read_images(folder, count=4600):
    """Images (n, 1, 28, 28) in 0..1 and labels (n,)."""
    if folder is None:
        digits = load_digits()
        images = torch.from_numpy(digits.images).float()[:, None] / 16
        return interpolate(images, size=(28, 28), mode="bilinear"), torch.from_numpy(digits.target)
    pixels, labels = (
        np.frombuffer(gzip.decompress(next(folder.rglob(name)).read_bytes()), np.uint8)
        for name in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
    )
    images = torch.from_numpy(pixels[16:].reshape(-1, 1, 28, 28)[:count].copy()).float() / 255
    return images, torch.from_numpy(labels[8:][:count].astype(np.int64))


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, help="folder with MNIST's official files")
    parser.add_argument("--attack-weights", type=float, nargs="+", default=[0.0, 0.1, 0.3])
    parser.add_argument("--steps", type=int, default=600, help="of training")
    parser.add_argument("--seeds", type=int, default=200, help="of each estimator; 0 for the finite differences alone")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--table", type=Path, help="where to write the tables (CSV)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
