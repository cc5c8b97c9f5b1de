"""Matrix, spectrum and top eigenvalues, beside curvlinops, torch.func and double backward on the same card."""

import time
from functools import partial
from importlib.util import find_spec

import torch
from curvature_peers import curvlinops_columns, curvlinops_eigenvalues, double_backward, functional_columns

from gpu_steps.exactness import error, objective
from gpu_steps.images import problem
from gpu_steps.networks import trained_mlenet
from gpu_steps.report import AtLeast, AtMost
from gpu_steps.setting import DEVICE
from gpu_steps.timing import arithmetic, seconds_of
from lossbasins.curvature import hessian_matrix, spectrum, top_eigenpairs

GOAL = AtLeast(20)
"""Times faster than curvlinops, for the matrix."""
AGREEMENT = {torch.float32: AtMost(1e-4), torch.float64: AtMost(1e-10)}
"""Of columns and of eigenvalues: those that are compared in time are the same."""
TOLERANCE = {torch.float32: 1e-4, torch.float64: 1e-9}
"""Of the peer's eigenvalues: a tenth of what ours are held to."""
TOP = 20


def run(setting, report):
    """Both precisions."""
    train = problem(setting.scratch, setting.size(512, 40), device="cpu").train
    model = trained_mlenet(train, setting.size((6, 15), (2, 3)))
    with arithmetic(tf32=False):
        for dtype in (torch.float64, torch.float32):
            measured = objective(model, train, dtype, DEVICE)
            # Forward-mode derivatives make zeros of their own, which the pretend device does not see.
            theirs = objective(model, train, dtype, setting.size(DEVICE, "cpu"))
            compare_matrices(measured, theirs, setting, report)
            compare_eigenvalues(measured, theirs, report)


def compare_matrices(measured, theirs, setting, report):
    """Seconds of ours, and how many times as long each peer takes, from some columns of its matrix."""
    name = str(measured.dtype).removeprefix("torch.")
    columns = setting.size(32, 4)
    picked = torch.randperm(measured.size, generator=torch.Generator().manual_seed(0))[:columns]
    ours = hessian_matrix(measured)[:, picked.to(DEVICE)].cpu()
    seconds = seconds_of(partial(hessian_matrix, measured))
    report.measured(f"{name}: matrix, {measured.samples} images, P = {measured.size}", seconds, "s")
    report.measured(f"{name}: spectrum", seconds_of(partial(spectrum, measured), rounds=3), "s")
    peers = {
        "curvlinops": (partial(curvlinops_columns, theirs, picked, columns), GOAL),
        "torch.func.hessian by 32 columns": (partial(functional_columns, theirs, picked, 32), None),
        "double backward": (partial(double_backward, theirs, picked), None),
    }
    for peer, (call, goal) in peers.items():
        if peer == "curvlinops" and not here(peer):
            report(f"{name}: matrix, {peer} over ours", "missing")
            continue
        difference = error(call().cpu(), ours)
        report(f"{name}: matrix, relative difference from {peer}", difference, goal=AGREEMENT[measured.dtype])
        ratio = seconds_of(call, rounds=3) * measured.size / columns / seconds
        report.measured(f"{name}: matrix, {peer} over ours", ratio, "times", goal, f"from {columns} of its columns")


def compare_eigenvalues(measured, theirs, report):
    """Seconds of ours for the largest, and how many times as long SciPy's Lanczos takes on curvlinops' products."""
    name = str(measured.dtype).removeprefix("torch.")
    ours = top_eigenpairs(measured, TOP)
    seconds = seconds_of(partial(top_eigenpairs, measured, TOP), rounds=3)
    report.measured(f"{name}: top {TOP}", seconds, "s")
    if not here("curvlinops"):
        report(f"{name}: top {TOP}, curvlinops over ours", "missing")
        return
    started = time.perf_counter()
    found = curvlinops_eigenvalues(theirs, TOLERANCE[measured.dtype])
    ratio = (time.perf_counter() - started) / seconds
    found = torch.from_numpy(found).sort(descending=True).values
    difference = error(found, torch.from_numpy(ours.values))
    report(f"{name}: top {TOP}, relative difference from curvlinops", difference, goal=AGREEMENT[measured.dtype])
    report.measured(f"{name}: top {TOP}, curvlinops over ours", ratio, "times")


def here(peer):
    """Whether a package is installed."""
    return find_spec(peer) is not None
