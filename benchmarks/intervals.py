"""How often intervals of rank correlations miss the truth: python benchmarks/intervals.py.

Normal variables, of which the true coefficients are known. Prints for each size the share of samples whose 95 %
interval misses: of a measure and an accuracy that share a third variable, of which each has the correlation r, and are
otherwise independent, which is the hardest case that we know.
"""

import sys
from collections.abc import Callable
from dataclasses import fields

import numpy as np

from lossbasins.reporting.ranking import Ranking, Solutions, ranking

TRIALS, RESAMPLES = 300, 300
SIZES = [(5, 1), (6, 1), (8, 1), (10, 1), (12, 1), (15, 1), (2, 3), (6, 3), (26, 3), (13, 4)]
"""Cells and solutions in each; one a cell where only all pairs count."""
CORRELATIONS = (0.0, 0.5, 0.7, 0.9)


def tau_of(correlation: float) -> float:
    """Kendall's tau of normal variables of that correlation (Greiner)."""
    return 2 / np.pi * np.arcsin(correlation)


def partial_of(correlation: float) -> float:
    """Kendall's partial tau of two that share a third alone."""
    shared = tau_of(correlation) ** 2
    return (tau_of(correlation**2) - shared) / (1 - shared)


def sharing(cells: int, replicas: int, correlation: float, rng: np.random.Generator) -> Solutions:
    """A measure and an accuracy that have the norm in common, and nothing else."""
    number = cells * replicas
    norm, own, other = rng.normal(size=(3, number))
    rest = np.sqrt(1 - correlation**2)
    values, accuracy = correlation * norm + rest * own, correlation * norm + rest * other
    return Solutions(values, np.zeros(number), accuracy, norm, norm, np.repeat(np.arange(cells), replicas))


def truths(correlation: float) -> dict[str, float]:
    """The true coefficients of `sharing`."""
    tau, partial = tau_of(correlation**2), partial_of(correlation)
    beside = {"difference": tau - tau_of(correlation), "beyond_norm": 0.0}
    return {"overall": tau, "within": tau, "given_loss": partial, "given_norm": partial} | beside


def missed(
    cells: int, replicas: int, correlation: float, trials: int = TRIALS, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Of each coefficient the share of samples whose interval misses the truth, and of those that have an interval."""
    rng = np.random.default_rng(seed)
    choices = {"resamples": RESAMPLES, "confidence": 0.95, "smallest_group": 5}
    found = [ranking(sharing(cells, replicas, correlation, rng), rng=rng, **choices) for _ in range(trials)]
    return {name: _share(found, name, truth) for name, truth in truths(correlation).items()}


def _share(found: list[Ranking], name: str, truth: float) -> tuple[float, float]:
    known = [one for one in (getattr(ranked, name) for ranked in found) if np.isfinite(one.low)]
    misses = [not one.low <= truth <= one.high for one in known]
    return (float(np.mean(misses)) if known else float("nan")), len(known) / len(found)


def main(write: Callable[[str], object] = sys.stdout.write) -> None:
    """A row for each size and correlation, written as it is known."""
    names = [field.name for field in fields(Ranking)]
    write(f"{'solutions':>10}{'r':>6}" + "".join(f"{name:>13}" for name in names) + "\n")
    for cells, replicas in SIZES:
        size = f"{cells} x {replicas}" if replicas > 1 else str(cells)
        for correlation in CORRELATIONS:
            found = missed(cells, replicas, correlation)
            shares = [f"{found[name][0]:.3f}" if found[name][1] else "none" for name in names]
            write(f"{size:>10}{correlation:>6g}" + "".join(f"{share:>13}" for share in shares) + "\n")


if __name__ == "__main__":
    main()
