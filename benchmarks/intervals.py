"""How often intervals miss the truth: python benchmarks/intervals.py.

Prints the share of samples whose 95 % interval misses, first of every interval of the study at the smallest sizes that
it allows, in the setting that it supposes and in a hard one; then of rank correlations, at each size: of a measure and
an accuracy that share a third variable, of which each has the correlation r, and are otherwise independent, which is
the hardest case that we know. The last column has how often the p of permutations of what is beyond that variable is
at most 5 %. Variables are normal where nothing else is said, so that the truth is known.
"""

import sys
from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pandas as pd
from scipy import stats

from lossbasins.experiments.basin_stability.returns import crossing, drawn_halves
from lossbasins.experiments.guess_and_check.numbers import jackknife
from lossbasins.experiments.measures.permutations import under_permutation
from lossbasins.reporting.correlation import kendall
from lossbasins.reporting.evidence import of_pairs
from lossbasins.reporting.multiplicity import p_values
from lossbasins.reporting.ranking import Ranking, Solutions, ranking
from lossbasins.reporting.shift import shift
from lossbasins.reporting.welch import difference, mean

TRIALS, RESAMPLES, EVERY_TRIALS = 300, 300, 2000
SIZES = [(5, 1), (6, 1), (8, 1), (10, 1), (12, 1), (15, 1), (2, 3), (6, 3), (26, 3), (13, 4)]
"""Cells and solutions in each; one a cell where only all pairs count."""
CORRELATIONS = (0.0, 0.5, 0.7, 0.9)
Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Interval = tuple[float, float, float]
"""Low, high and the truth."""


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


def rejected(cells: int, replicas: int, correlation: float, trials: int = EVERY_TRIALS, seed: int = 0) -> float:
    """The share of samples in which the p of E9's `beyond_norm`, of accuracies permuted in cells, is at most 5 %."""
    rng = np.random.default_rng(seed)

    def p_value() -> float:
        found = sharing(cells, replicas, correlation, rng)
        number = found.accuracy.size
        # The first order is that of the accuracies as they are.
        _, beyond = under_permutation(found, np.vstack([np.arange(number), rng.random((RESAMPLES, number))]))
        return float(p_values(beyond[:1], beyond[1:, None]).item())

    return float(np.mean([p_value() <= 0.05 for _ in range(trials)]))


def welch_means(number: int) -> Callable[[np.random.Generator], Interval]:
    """The mean of so many."""

    def draw(rng: np.random.Generator) -> Interval:
        found = mean(rng.normal(size=number), 0.95)
        return found.low, found.high, 0.0

    return draw


def welch_differences(first: int, second: int, ratio: float) -> Callable[[np.random.Generator], Interval]:
    """The difference of two means, of deviations 1 and `ratio`."""

    def draw(rng: np.random.Generator) -> Interval:
        found = difference(rng.normal(size=first), ratio * rng.normal(size=second), 0.95)
        return found.low, found.high, 0.0

    return draw


def tukey(number: int, ratio: float) -> Callable[[np.random.Generator], Interval]:
    """The best minus the worst of four equal means, the last of a deviation of `ratio`: as E3 computes it."""
    quantile = stats.studentized_range.ppf(0.95, 4, 4 * (number - 1))

    def draw(rng: np.random.Generator) -> Interval:
        groups = rng.normal(size=(4, number)) * np.array([[1], [1], [1], [ratio]])
        half = quantile * np.sqrt(groups.var(axis=1, ddof=1).mean() / number)
        apart = float(np.ptp(groups.mean(axis=1)))
        return apart - half, apart + half, 0.0

    return draw


def binomial(number: int, share: float, *, one_sided: bool = False) -> Callable[[np.random.Generator], Interval]:
    """A share by Clopper and Pearson, as E12 has it, and one-sided as E8."""

    def draw(rng: np.random.Generator) -> Interval:
        kind = "less" if one_sided else "two-sided"
        found = stats.binomtest(int(rng.binomial(number, share)), number, alternative=kind)
        ends = found.proportion_ci(0.95, method="exact")
        return float(ends.low), float(ends.high), share

    return draw


def shifted(first: int, second: int) -> Callable[[np.random.Generator], Interval]:
    """The median of all differences, of long-tailed groups."""

    def draw(rng: np.random.Generator) -> Interval:
        found = shift(rng.standard_t(3, first) + 1, rng.standard_t(3, second), 0.95)
        return found.low, found.high, 1.0

    return draw


def plain_tau(number: int, correlation: float) -> Callable[[np.random.Generator], Interval]:
    """Tau of two."""

    def draw(rng: np.random.Generator) -> Interval:
        x, other = rng.normal(size=(2, number))
        y = correlation * x + np.sqrt(1 - correlation**2) * other
        found = kendall(x, y, resamples=RESAMPLES, confidence=0.95, smallest_group=3, rng=rng)
        return found.low, found.high, tau_of(correlation)

    return draw


def log_volume(runs: int, spread: float) -> Callable[[np.random.Generator], Interval]:
    """The logarithm of a mean of unbiased estimates, log-normal of that deviation: E12's, by its jackknife."""

    def draw(rng: np.random.Generator) -> Interval:
        weights = np.exp(spread * rng.normal(size=runs) - spread**2 / 2)
        values = jackknife(lambda counted: float(np.log((counted * weights).sum() / counted.sum())), runs)
        found = mean(values, 0.95)
        return found.low, found.high, 0.0

    return draw


def half_radius(kicks: int) -> Callable[[np.random.Generator], Interval]:
    """The kick at which half do not return, of a solution that is kicked so often at each of five radii."""
    radii = np.array([0.1, 0.2, 0.4, 0.8, 1.6])
    shares = np.array([0.98, 0.9, 0.6, 0.2, 0.02])
    truth = float(crossing(shares, radii)[0])

    def draw(rng: np.random.Generator) -> Interval:
        curve = pd.DataFrame({"radius": radii, "kicks": kicks, "returned": rng.binomial(kicks, shares)})
        solution = dict.fromkeys(("dataset", "model", "init", "optimizer", "attack", "replica", "kind"), "")
        draws = drawn_halves(solution, curve, RESAMPLES, int(rng.integers(2**32)))
        return *np.quantile(draws, [0.025, 0.975]).tolist(), truth

    return draw


def median_of_pairs(number: int) -> Callable[[np.random.Generator], Interval]:
    """Resampled, as among pairs of equal norm in E10."""

    def draw(rng: np.random.Generator) -> Interval:
        apart = np.subtract.outer(*rng.normal(size=(2, number)))
        chosen = rng.integers(0, number, (2, RESAMPLES, number))
        drawn = np.median(apart[chosen[0][:, :, None], chosen[1][:, None, :]], axis=(1, 2))
        return *np.quantile(drawn, [0.025, 0.975]).tolist(), 0.0

    return draw


def spread_of_pairs(number: int) -> Callable[[np.random.Generator], Interval]:
    """Whether one more pair lies between the least and the largest, as E1 shows them: no interval of confidence."""

    def draw(rng: np.random.Generator) -> Interval:
        found = of_pairs("", np.subtract.outer(*rng.normal(size=(2, number))))
        return found.low, found.high, float(np.subtract(*rng.normal(size=2)))

    return draw


EVERY: list[tuple[str, str, Callable[[np.random.Generator], Interval]]] = [
    ("mean (Student)", "2", welch_means(2)),
    ("difference (Welch)", "2 and 2", welch_differences(2, 2, 1)),
    ("difference (Welch)", "2 and 40", welch_differences(2, 40, 1)),
    ("difference (Welch)", "2 and 3, a tenth as wide", welch_differences(2, 3, 0.1)),
    ("difference (Welch)", "3 and 40", welch_differences(3, 40, 1)),
    ("difference (Welch)", "3 and 9, 0.3 as wide", welch_differences(3, 9, 0.3)),
    ("best minus worst (Tukey)", "4 x 2", tukey(2, 1)),
    ("best minus worst (Tukey)", "4 x 3, one 3 times as wide", tukey(3, 3)),
    ("share (Clopper-Pearson)", "5, of 0.3", binomial(5, 0.3)),
    ("share (Clopper-Pearson)", "40, of 0.1", binomial(40, 0.1)),
    ("upper bound (Clopper-Pearson)", "9, of 0.28", binomial(9, 0.28, one_sided=True)),
    ("shift (Mann-Whitney)", "4 and 4", shifted(4, 4)),
    ("shift (Mann-Whitney)", "3 and 3", shifted(3, 3)),
    ("tau (bootstrap)", "3", plain_tau(3, 0.0)),
    ("tau (bootstrap)", "5", plain_tau(5, 0.0)),
    ("tau (bootstrap)", "6, r = 0.5", plain_tau(6, 0.5)),
    ("tau (bootstrap)", "8", plain_tau(8, 0.0)),
    ("log V (jackknife)", "2 runs, deviation 0.3", log_volume(2, 0.3)),
    ("log V (jackknife)", "8 runs, deviation 0.3", log_volume(8, 0.3)),
    ("log V (jackknife)", "8 runs, deviation 1", log_volume(8, 1.0)),
    ("half radius (Jeffreys)", "1 kick a radius", half_radius(1)),
    ("half radius (Jeffreys)", "4 kicks a radius", half_radius(4)),
    ("ratio at equal norm (bootstrap)", "3 and 3", median_of_pairs(3)),
    ("ratio at equal norm (bootstrap)", "6 and 6", median_of_pairs(6)),
    ("spread over pairs, none meant", "2 and 2", spread_of_pairs(2)),
    ("spread over pairs, none meant", "6 and 6", spread_of_pairs(6)),
    ("spread over pairs, none meant", "20 and 20", spread_of_pairs(20)),
]
"""Interval, sizes, and what draws one."""


def missed_by(draw: Callable[[np.random.Generator], Interval], trials: int, seed: int = 0) -> tuple[float, float]:
    """The share of intervals that miss the truth, NaN if there is none, and of samples that have one."""
    rng = np.random.default_rng(seed)
    found = np.array([draw(rng) for _ in range(trials)])
    low, high, truth = found[~np.isnan(found).any(axis=1)].T
    return (float(np.mean((truth < low) | (truth > high))) if low.size else float("nan")), low.size / trials


def main(write: Callable[[str], object] = sys.stdout.write) -> None:
    """A row for each interval, then for each size and correlation, written as it is known."""
    for interval, size, draw in EVERY:
        share, known = missed_by(draw, EVERY_TRIALS)
        write(f"{interval:<34}{size:<28}" + (f"{share:.3f}\n" if known else "none\n"))
    names = [field.name for field in fields(Ranking)]
    write(f"{'solutions':>10}{'r':>6}" + "".join(f"{name:>13}" for name in names) + f"{'p of beyond':>13}\n")
    for cells, replicas in SIZES:
        size = f"{cells} x {replicas}" if replicas > 1 else str(cells)
        for correlation in CORRELATIONS:
            found = missed(cells, replicas, correlation)
            shares = [f"{found[name][0]:.3f}" if found[name][1] else "none" for name in names]
            judged = found["beyond_norm"][1] > 0
            shares.append(f"{rejected(cells, replicas, correlation):.3f}" if judged else "none")
            write(f"{size:>10}{correlation:>6g}" + "".join(f"{share:>13}" for share in shares) + "\n")


if __name__ == "__main__":
    main()
