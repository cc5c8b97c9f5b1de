from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from benchmarks import intervals
from lossbasins.reporting.ranking import SMALLEST_PARTIAL_PAIRS, Solutions, ranking

CHOICES = {"resamples": 300, "confidence": 0.95, "smallest_group": 5}


def solutions(cells=6, replicas=4, slope=-1.0, seed=0):
    """A measure that explains accuracy beside the norm, which explains it too."""
    number = cells * replicas
    norm, loss, own, rest = np.random.default_rng(seed).normal(size=(4, number))
    values = own + 0.5 * norm
    accuracy = slope * own - norm + 0.3 * rest
    return Solutions(values, np.zeros(number), accuracy, norm, loss, np.repeat(np.arange(cells), replicas))


def ranked(compared, seed=0, **choices):
    return ranking(compared, rng=np.random.default_rng(seed), **CHOICES | choices)


def test_coefficients_are_those_of_scipy():
    compared = solutions()
    found = ranked(compared)
    plain = stats.kendalltau(compared.values, compared.accuracy).statistic
    norm = stats.kendalltau(compared.norm, compared.accuracy).statistic
    third = stats.kendalltau(compared.values, compared.norm).statistic
    assert found.overall.value == pytest.approx(plain)
    assert found.difference.value == pytest.approx(plain - norm)
    assert found.given_norm.value == pytest.approx((plain - third * norm) / np.sqrt((1 - third**2) * (1 - norm**2)))
    signs = [
        np.sign((compared.values[i] - compared.values[j]) * (compared.accuracy[i] - compared.accuracy[j]))
        for i in range(24)
        for j in range(i)
        if i // 4 == j // 4
    ]
    assert found.within.value == pytest.approx(np.mean(signs))


def test_the_norm_is_no_better_than_itself_and_nothing_is_left_of_it():
    compared = solutions()
    found = ranked(replace(compared, values=compared.norm))
    assert found.difference.value == 0
    assert found.difference.reason == "every resample gives the same"
    assert np.isnan(found.given_norm.value)


def test_what_is_not_known_of_a_measure_widens_its_interval():
    compared = solutions(cells=10)
    sure, unsure = (ranked(replace(compared, errors=np.full(40, error))).overall for error in (0.0, 3.0))
    assert sure.value == unsure.value
    assert unsure.high - unsure.low > 1.3 * (sure.high - sure.low)


def test_a_measure_that_is_cell_alone_says_nothing_within():
    compared = solutions()
    found = ranked(replace(compared, values=compared.cells.astype(float), accuracy=-compared.cells.astype(float)))
    assert found.overall.value == pytest.approx(-1)
    assert np.isnan(found.within.value)


def test_a_partial_coefficient_of_few_has_no_interval_and_says_so():
    few, many = ranked(solutions(cells=3, replicas=4)), ranked(solutions(cells=13, replicas=4))
    assert np.isfinite([few.given_norm.value, few.overall.low, few.beyond_norm.value]).all()
    assert np.isnan([few.given_norm.low, few.given_loss.low, few.beyond_norm.low]).all()
    assert "too few for an interval" in few.given_norm.reason
    assert f"fewer than {SMALLEST_PARTIAL_PAIRS} pairs" in few.beyond_norm.reason
    # Three cells of four have 18 pairs, of eight 84: 24 solutions.
    assert few.beyond_norm.reason.endswith(": about 25 solutions have so many")
    assert np.isfinite(ranked(solutions(cells=3, replicas=8)).beyond_norm.low)
    assert np.isfinite([many.given_norm.low, many.given_loss.low, many.beyond_norm.low]).all()


@pytest.mark.parametrize(
    ("compared", "reason"),
    [
        (solutions(cells=1, replicas=4), "fewer than 5 solutions"),
        (replace(solutions(), values=np.ones(24)), "all values are equal"),
    ],
)
def test_what_cannot_be_said_has_its_reason(compared, reason):
    found = ranked(compared)
    assert {found.overall.reason, found.within.reason, found.difference.reason} == {reason}
    assert np.isnan(found.overall.value)


def test_same_seed_same_intervals():
    assert ranked(solutions(), 1) == ranked(solutions(), 1) != ranked(solutions(), 2)


@pytest.mark.parametrize("correlation", [0.0, 0.7])
@pytest.mark.parametrize(("cells", "replicas"), [(5, 1), (8, 1), (15, 1), (2, 3), (13, 4)])
def test_intervals_at_the_smallest_sizes_miss_no_more_often_than_they_say(cells, replicas, correlation):
    trials = 150
    for name, (share, known) in intervals.missed(cells, replicas, correlation, trials).items():
        # Three binomial standard deviations of the trials.
        assert not known or share <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / trials), name
