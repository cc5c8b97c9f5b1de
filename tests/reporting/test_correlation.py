import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lossbasins.reporting.correlation import bootstrap_tau, kendall

CHOICES = {"resamples": 200, "confidence": 0.95, "smallest_group": 5}


def correlate(x, y, seed=0, **choices):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    return kendall(x, y, rng=np.random.default_rng(seed), **CHOICES | choices)


class Draws:
    """A source of resamples that are known."""

    def __init__(self, counts):
        self.counts = np.array(counts)

    def multinomial(self, *_, size):
        return self.counts[:size]


pairs = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=12)


@settings(max_examples=60, deadline=None)
@given(pairs, st.integers(0, 2**32))
def test_tau_of_a_resample_is_that_of_the_repeated_points(points, seed):
    x, y = np.array(points, dtype=float).T
    counts = np.random.default_rng(seed).multinomial(x.size, np.full(x.size, 1 / x.size))
    rows = np.repeat(np.arange(x.size), counts)
    expected = stats.kendalltau(x[rows], y[rows]).statistic
    found = bootstrap_tau((x, y), 1, Draws([counts]))
    np.testing.assert_allclose(found, [] if np.isnan(expected) else [expected], atol=1e-12)


def test_the_interval_holds_the_true_tau_as_often_as_it_says():
    correlation, points, trials = 0.6, 24, 400
    true_tau = 2 / np.pi * np.arcsin(correlation)
    rng = np.random.default_rng(1)
    samples = rng.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]], size=(trials, points))
    found = [correlate(*sample.T, seed=trial, confidence=0.9) for trial, sample in enumerate(samples)]
    covered = np.mean([c.low <= true_tau <= c.high for c in found])
    # Three binomial standard deviations of 400 trials, and two points for a sample as small as this.
    assert abs(covered - 0.9) < 3 * np.sqrt(0.9 * 0.1 / trials) + 0.02


def test_tau_lies_between_its_bounds_and_is_scipys():
    rng = np.random.default_rng(2)
    x = rng.normal(size=30)
    y = -x + rng.normal(size=30)
    found = correlate(x, y)
    assert found.tau == pytest.approx(stats.kendalltau(x, y).statistic, abs=1e-14)
    assert found.low < found.tau < found.high < 0
    assert (found.points, found.reason) == (30, "")


def test_higher_confidence_is_wider():
    x, y = np.random.default_rng(3).normal(size=(2, 20))
    narrow, wide = correlate(x, y, confidence=0.5), correlate(x, y, confidence=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        ([], [], "fewer than 5 solutions"),
        ([1, 2, 3, 4], [1, 2, 4, 3], "fewer than 5 solutions"),
        ([1, 2, 3, 4, 5], [7, 7, 7, 7, 7], "all values are equal"),
    ],
)
def test_what_cannot_be_said_is_empty_with_its_reason(x, y, reason):
    found = correlate(x, y)
    assert np.isnan([found.tau, found.low, found.high]).all()
    assert (found.points, found.reason) == (len(x), reason)


def test_perfect_order_has_a_tau_but_claims_no_certainty():
    found = correlate(range(8), range(8))
    assert found.tau == pytest.approx(1)
    assert np.isnan([found.low, found.high]).all()
    assert found.reason == "every resample gives the same tau"


def test_same_seed_same_interval():
    x, y = np.random.default_rng(4).normal(size=(2, 15))
    assert correlate(x, y, seed=5) == correlate(x, y, seed=5) != correlate(x, y, seed=6)


@pytest.mark.parametrize(("x", "y"), [([1.0, np.nan], [1.0, 2.0]), ([1.0, 2.0], [1.0]), ([1.0, np.inf], [1.0, 2.0])])
def test_bad_points_are_errors(x, y):
    with pytest.raises(ValueError, match="must be"):
        correlate(x, y)


def test_a_correlation_that_comes_from_a_third_quantity_vanishes_at_fixed_rank_of_it():
    rng = np.random.default_rng(7)
    common = rng.normal(size=300)
    x, y = common + 0.3 * rng.normal(size=(2, 300))
    plain, partial = correlate(x, y), correlate(x, y, given=common)
    assert plain.low > 0.5
    assert partial.tau < 0.5 * plain.tau
    xy, xz, yz = (stats.kendalltau(*pair).statistic for pair in ((x, y), (x, common), (y, common)))
    assert partial.tau == pytest.approx((xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2)), abs=1e-12)
    assert partial.low < partial.tau < partial.high


def test_nothing_is_left_where_what_is_held_fixed_has_the_same_order():
    x = np.arange(8.0)
    found = correlate(x, np.random.default_rng(8).normal(size=8), given=x)
    assert np.isnan(found.tau)
    assert found.reason == "what is held fixed fixes the order"


def test_a_partial_coefficient_of_few_points_has_no_interval():
    x, y, third = np.random.default_rng(9).normal(size=(3, 15))
    few, enough = (correlate(x[:n], y[:n], given=third[:n]) for n in (14, 15))
    assert np.isfinite([few.tau, enough.tau, enough.low, enough.high]).all()
    assert np.isnan([few.low, few.high]).all()
    assert few.reason == "fewer than 15 solutions, too few for an interval"
