"""Exact Hessians, spectra and top eigenvalues: `lossbasins.curvature` beside what others have.

Others are PyHessian, curvlinops, hessian-eigenthings and torch.func.

    python benchmarks/curvature.py --table table.csv --figure figure.svg

One model, one set of images, all methods in turn in one process, float32 and float64. The slow methods are timed on
some columns, and their time for the whole matrix is that times P over the columns: such rows say what they are
extrapolated from. The error of matrices is the relative difference (Frobenius norm) from rows of float64 double
backward, taken at random; that of eigenvalues the largest difference from those of our float64 matrix, over the largest
one. Data are scikit-learn's digits at 28x28 pixels, or MNIST from the four official files in `--data-dir`.
"""

import argparse
import ctypes
import gc
import gzip
import importlib.metadata
import time
import warnings
from copy import deepcopy
from functools import partial
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import torch
from curvature_models import MODELS
from curvature_peers import (
    curvlinops_columns,
    curvlinops_eigenvalues,
    double_backward,
    eigenthings_columns,
    eigenthings_eigenvalues,
    functional_columns,
    pyhessian_columns,
    pyhessian_eigenvalues,
    unit_vectors,
)
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import cross_entropy, interpolate

from lossbasins.curvature import Eigenpairs, HessianOperator, Objective, hessian_matrix, spectrum, top_eigenpairs
from lossbasins.models import mlenet

mpl.use("Agg")
warnings.filterwarnings("ignore", category=FutureWarning, module="torch")
warnings.filterwarnings("ignore", message="Using backward.. with create_graph=True")

ORACLE_ROWS = 24
"""Rows of the float64 oracle that errors are taken on."""

DISTRIBUTIONS = ("torch", "numpy", "scipy", "curvlinops-for-pytorch", "hessian-eigenthings", "pyhessian")

COLORS = {"float32": "#0072b2", "float64": "#d55e00"}
MARKERS = {"float32": "o", "float64": "s"}

TASKS = ("matrix", "spectrum", "top 20", "growth")

PATIENCE = 10.0
"""Seconds over which one round is enough."""

CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}
"""CPU seconds of one thread are what the clock of a quiet machine would show."""


def main():
    """Prints and writes the tables."""
    options = arguments()
    print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in DISTRIBUTIONS))
    torch.set_num_threads(options.threads)
    print(
        f"{options.threads} threads; medians of {options.repeats} warm rounds, methods in turn; {options.clock} seconds"
    )
    images, labels = read_images(options.data_dir, options.samples)
    torch.backends.mha.set_fastpath_enabled(False)
    with sdpa_kernel(SDPBackend.MATH):  # other kernels of attention have no second derivative, so peers would fail
        rows = [row for name in options.model for row in compare(name, images, labels, options)]
    table = pd.DataFrame(rows)
    growth = pd.DataFrame(growing(options) if "growth" in options.tasks else [])
    for frame, suffix in ((table, ""), (growth, "-growth")):
        if len(frame):
            print(frame.to_markdown(index=False, floatfmt=".3g"))
        if options.table and len(frame):
            frame.to_csv(options.table.with_stem(options.table.stem + suffix), index=False)
    if options.figure and "matrix" in options.tasks:
        draw(table, growth, options.figure)


def compare(name, images, labels, options):
    """Rows of one model in both precisions."""
    torch.manual_seed(0)
    model = trained(MODELS[name](), images, labels, options.steps)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    for dtype in (torch.float32, torch.float64):
        for row in measure(model.to(dtype), images, labels, dtype, options):
            yield {"model": name, "P": parameters} | row


def measure(model, images, labels, dtype, options):
    """One row for each method: seconds, ratio to ours, error, peak memory."""
    objective = Objective(model, images.to(dtype), labels)
    picked = torch.randperm(objective.size, generator=torch.Generator().manual_seed(0))[: options.columns]
    oracle = Oracle(model, images, labels, picked[:ORACLE_ROWS], options.tasks)
    tolerance = 1e-9 if dtype == torch.float64 else 1e-4
    methods = {
        "matrix": {
            "ours, structured": (partial(hessian_matrix, objective, "structured"), None),
            **{name: (product, len(picked)) for name, product in column_methods(objective, picked).items()},
        },
        "spectrum": {"ours, matrix and eigvalsh": (partial(spectrum, objective), None)},
        "top 20": {
            "ours, as it chooses": (partial(top_eigenpairs, objective, 20), None),
            "ours, matrix and blocks": (partial(top_eigenpairs, objective, 20, method="matrix"), None),
            "ours, Lanczos with products": (partial(top_eigenpairs, objective, 20, method="lanczos"), None),
            "curvlinops and eigsh, its default tolerance": (partial(curvlinops_eigenvalues, objective, 0), None),
            "curvlinops and eigsh, our tolerance": (partial(curvlinops_eigenvalues, objective, tolerance), None),
            "hessian-eigenthings, its default of 40 steps": (partial(eigenthings_eigenvalues, objective, 40), None),
            "hessian-eigenthings, 100 steps": (partial(eigenthings_eigenvalues, objective, 100), None),
            "PyHessian, power iteration": (partial(pyhessian_eigenvalues, objective, 1), 1),
        },
    }
    for task, entries in methods.items():
        if task not in options.tasks:
            continue
        seconds = {name: [] for name in entries}
        results, peaks = {}, {}
        for number in range(options.repeats + 1):
            for name, (call, _) in entries.items():
                if seconds[name] and seconds[name][0] > PATIENCE:
                    continue
                peak, elapsed, results[name] = measured(call, options.clock, cold=number == 0)
                if number == 0:
                    peaks[name] = peak
                if number > 0 or elapsed > PATIENCE:
                    seconds[name].append(elapsed)
        whole = 20 if task == "top 20" else objective.size
        ours = float(np.median(next(iter(seconds.values()))))
        for name, (_, part) in entries.items():
            median = float(np.median(seconds[name])) * (1 if part is None else whole / part)
            row = {
                "task": task,
                "dtype": str(dtype).removeprefix("torch."),
                "method": name,
                "seconds": median,
                "times ours": median / ours,
                "rounds": len(seconds[name]),
                "extrapolated from": "" if part is None else f"{part} of {whole}",
                "relative error": oracle.error(task, results[name], picked),
                "largest residual": largest_residual(results[name]),
                "peak MiB": peaks[name],
            }
            print(row, flush=True)
            yield row


class Oracle:
    """What the tasks should give, in float64: rows by double backward, and the eigenvalues of our matrix."""

    def __init__(self, model, images, labels, picked, tasks):
        objective = Objective(deepcopy(model).double(), images.double(), labels)
        self.picked = picked
        self.rows = double_backward(objective, picked).T if "matrix" in tasks else None
        self.eigenvalues = spectrum(objective).eigenvalues[::-1] if {"spectrum", "top 20"} & set(tasks) else None

    def error(self, task, result, picked):
        """Of a matrix or columns (P, K) in the order of `picked`, in the Frobenius norm, or of the worst eigenvalue.

        Both are relative to the norm of what is right, for eigenvalues the largest one.
        """
        if task != "matrix":
            found = np.sort(np.asarray(getattr(result, "values", getattr(result, "eigenvalues", result))))[::-1]
            right = self.eigenvalues[: len(found)]
            return float(np.abs(found - right).max() / np.abs(right).max())
        found = result[self.picked] if result.shape[0] == result.shape[1] else result.T[: len(self.picked)]
        assert torch.equal(picked[: len(self.picked)], self.picked)
        return float((found.double() - self.rows).norm() / self.rows.norm())


def largest_residual(result):
    """|H v - lambda v| over the largest eigenvalue, where a method says it."""
    return float(result.residual_norms.max() / result.values.max()) if isinstance(result, Eigenpairs) else float("nan")


def column_methods(objective, picked):
    """Ways to get the picked columns (P, K) of the Hessian, each from the model on."""
    return {
        "ours, products": lambda: HessianOperator(objective).product(unit_vectors(objective, picked)),
        "double backward, rows": partial(double_backward, objective, picked),
        "curvlinops, one block": partial(curvlinops_columns, objective, picked, len(picked)),
        "curvlinops, one by one": partial(curvlinops_columns, objective, picked, 1),
        "torch.func, vmap(jvp(grad)) in blocks of 32": partial(functional_columns, objective, picked, 32),
        "torch.func, jvp(grad) one by one": partial(functional_columns, objective, picked, None),
        "hessian-eigenthings, products": partial(eigenthings_columns, objective, picked),
        "PyHessian, products": partial(pyhessian_columns, objective, picked),
    }


def growing(options):
    """Our seconds for the matrix as the samples and the parameters grow."""
    sizes = [(n, (6, 15)) for n in (64, 128, 256, 512)] + [(512, widths) for widths in ((8, 20), (10, 25))]
    images, labels = read_images(options.data_dir, 512)
    for n, widths in sizes:
        for dtype in (torch.float32, torch.float64):
            torch.manual_seed(0)
            model = mlenet.build(1, 28, 28, 10, widths=widths).to(dtype).eval()
            objective = Objective(model, images[:n].to(dtype), labels[:n])
            call = partial(hessian_matrix, objective, "structured")
            runs = [measured(call, options.clock, cold=number == 0)[:2] for number in range(options.repeats + 1)]
            yield {
                "n": n,
                "P": objective.size,
                "dtype": str(dtype).removeprefix("torch."),
                "seconds": float(np.median([seconds for _, seconds in runs[1:]])),
                "peak MiB": runs[0][0],
                "matrix MiB": objective.size**2 * torch.finfo(dtype).bits / 8 / 2**20,
            }


def measured(call, clock, *, cold):
    """Peak memory in MiB over what was held before, seconds, and the result.

    Memory counts in a cold call, which first gives freed pages back: else what an earlier method freed would hide what
    this one needs. Seconds count in the warm calls that follow.
    """
    seconds = CLOCKS[clock]
    if cold:
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    before = resident("VmRSS")
    start = seconds()
    result = call()
    elapsed = seconds() - start
    return resident("VmHWM") - before, elapsed, result


def resident(field):
    """A line of the kernel's account of this process, in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(field))


def trained(model, images, labels, steps):
    """A model after some steps of Adam."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(steps):
        batch = torch.randperm(len(images))[:128]
        optimizer.zero_grad()
        cross_entropy(model(images[batch]), labels[batch]).backward()
        optimizer.step()
    return model.eval()


def read_images(folder, count):
    """Images (n, 1, 28, 28) in 0..1 and labels (n,)."""
    if folder is None:
        digits = load_digits()
        images = torch.from_numpy(digits.images[:count]).float()[:, None] / 16
        return interpolate(images, size=(28, 28), mode="bilinear"), torch.from_numpy(digits.target[:count])
    pixels, labels = (
        np.frombuffer(gzip.decompress(next(folder.rglob(name)).read_bytes()), np.uint8)
        for name in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")
    )
    images = torch.from_numpy(pixels[16:].reshape(-1, 1, 28, 28)[:count].copy()).float() / 255
    return images, torch.from_numpy(labels[8:][:count].astype(np.int64))


def draw(table, growth, path):
    """Seconds for the matrix by method, for each model, and ours as n and P of a mLeNet grow."""
    matrices = table[table.task == "matrix"]
    models = list(dict.fromkeys(matrices.model))
    panels = len(models) + 2 * bool(len(growth))
    figure, axes = plt.subplots(1, panels, figsize=(3.2 * panels, 3.8), layout="constrained", squeeze=False)
    methods = list(dict.fromkeys(matrices.method))[::-1]
    for ax, name in zip(axes[0], models, strict=False):
        part = matrices[matrices.model == name]
        for dtype, marker in MARKERS.items():
            seconds = part[part.dtype == dtype].set_index("method").seconds.loc[methods]
            ax.plot(seconds, range(len(methods)), marker, color=COLORS[dtype], label=dtype)
        decades = np.log10([part.seconds.min(), part.seconds.max()])
        ax.set(
            xscale="log",
            xlim=(10 ** np.floor(decades[0]), 10 ** np.ceil(decades[1])),
            xlabel="seconds for the matrix",
            title=f"{name}, P = {part.P.iloc[0]:,}",
        )
        ax.set_yticks(range(len(methods)), methods if ax is axes[0, 0] else [])
        ax.grid(alpha=0.3)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    if len(growth):
        draw_growth(growth[growth.P.min() == growth.P], "n", axes[0, -2])
        draw_growth(growth[growth.n == growth.n.max()], "P", axes[0, -1])
    figure.savefig(path)


def draw_growth(part, quantity, ax):
    """Our seconds over n or P."""
    for dtype, marker in MARKERS.items():
        line = part[part.dtype == dtype]
        ax.plot(line[quantity], line.seconds, marker=marker, color=COLORS[dtype], label=dtype)
    ticks = sorted(set(part[quantity]))
    ax.set(xscale="log", yscale="log", xlabel=quantity, ylabel="seconds, ours", title="mlenet")
    ax.set_xticks(ticks, [f"{value:,}" for value in ticks])
    ax.xaxis.minorticks_off()


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", type=Path, help="folder with MNIST's official files")
    parser.add_argument("--model", nargs="+", choices=MODELS, default=["mlenet"], help="one or more")
    parser.add_argument("--samples", type=int, default=512)
    parser.add_argument("--steps", type=int, default=100, help="of training, before anything is measured")
    parser.add_argument("--columns", type=int, default=32, help="columns that the slow methods are timed on")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS, help="what to measure")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="cpu, with one thread, on a shared machine")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--table", type=Path, help="where to write the tables (CSV)")
    parser.add_argument("--figure", type=Path, help="where to draw")
    return parser.parse_args()


if __name__ == "__main__":
    main()
