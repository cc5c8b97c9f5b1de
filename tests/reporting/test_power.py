import numpy as np
import pytest
from scipy import stats

from lossbasins.reporting.power import POWER, smallest_shown


def shares_seen(sizes, tau, trials=1500, confidence=0.95):
    """How often a normal sample of that tau in every group has a pooled tau apart from zero, by permuted orders."""
    rng = np.random.default_rng(0)
    correlation = np.sin(np.pi * tau / 2)
    first, second = rng.normal(size=(2, 2, trials, len(sizes), max(sizes)))
    x, other = first
    y = correlation * x + np.sqrt(1 - correlation**2) * other
    found, null = (
        sum(
            np.sum(
                np.sign(a[:, g, :n, None] - a[:, g, None, :n]) * np.sign(b[:, g, :n, None] - b[:, g, None, :n]), (1, 2)
            )
            for g, n in enumerate(sizes)
        )
        for a, b in ((x, y), (second[0], second[1]))
    )
    return np.mean(np.abs(found) > np.quantile(np.abs(null), confidence))


@pytest.mark.parametrize("sizes", [[12], [20], [60], [4] * 15, [20] * 15])
def test_the_smallest_tau_is_seen_as_often_as_said(sizes):
    seen = shares_seen(sizes, smallest_shown(sizes, 0.95))
    assert POWER - 0.06 < seen < 0.95


def test_of_one_group_it_is_from_the_variance_that_scipy_uses():
    n = 30
    x = np.arange(n)
    found = stats.kendalltau(x, np.random.default_rng(0).permutation(n), method="asymptotic")
    deviation = abs(found.statistic) / stats.norm.isf(found.pvalue / 2)
    assert smallest_shown([n], 0.95) / deviation == pytest.approx(stats.norm.ppf(0.975) + stats.norm.ppf(0.8), rel=1e-6)


def test_few_solutions_show_nothing():
    assert np.isnan(smallest_shown([5], 0.95))
    assert np.isnan(smallest_shown([1, 1, 1], 0.95))


def test_more_solutions_show_less():
    assert smallest_shown([40], 0.95) < smallest_shown([20], 0.95)
    assert smallest_shown([20, 20], 0.95) < smallest_shown([20], 0.95)
