"""How long calls take on a GPU, and in which arithmetic."""

import contextlib
import time
from statistics import median

import torch

from lossbasins.provenance.gpu import float32_products

ENOUGH = 0.3
"""Seconds over which rounds are enough."""


def seconds_of(call, rounds=5):
    """Median seconds of a call, after one that does not count; fewer rounds of a call that takes long."""
    call()
    torch.cuda.synchronize()
    taken = []
    while len(taken) < rounds and sum(taken) < ENOUGH:
        started = time.perf_counter()
        call()
        torch.cuda.synchronize()
        taken.append(time.perf_counter() - started)
    return median(taken)


@contextlib.contextmanager
def arithmetic(*, tf32, deterministic=True):
    """In which arithmetic, and by which algorithms.

    Args:
        tf32: whether products and convolutions round their factors to TF32; else they are exact, as in every stage.
        deterministic: whether algorithms are those of every stage, or whatever torch takes.
    """
    precisions = [products.fp32_precision for products in float32_products()]
    before = torch.are_deterministic_algorithms_enabled()
    for products in float32_products():
        products.fp32_precision = "tf32" if tf32 else "ieee"
    torch.use_deterministic_algorithms(deterministic, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False
    try:
        yield
    finally:
        for products, precision in zip(float32_products(), precisions, strict=True):
            products.fp32_precision = precision
        torch.use_deterministic_algorithms(before, warn_only=True)
