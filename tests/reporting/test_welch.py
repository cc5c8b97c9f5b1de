import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lossbasins.reporting.welch import difference, mean, standard_deviation

samples = st.lists(st.integers(-1000, 1000), min_size=2, max_size=8, unique=True).map(
    lambda values: np.array(values) / 1000
)


several = samples.filter(lambda values: values.size > 2)


@settings(max_examples=30)
@given(first=several, second=several, confidence=st.floats(0.5, 0.99))
def test_interval_of_a_difference_is_scipys(first, second, confidence):
    low, high = stats.ttest_ind(first, second, equal_var=False).confidence_interval(confidence)
    found = difference(first, second, confidence)
    assert (found.value, found.low, found.high) == pytest.approx((first.mean() - second.mean(), low, high), abs=1e-9)


def test_beside_two_values_the_degrees_of_freedom_are_one():
    two, many = np.array([0.1, 0.4]), np.linspace(0, 1, 9)
    half = stats.t.ppf(0.975, 1) * np.sqrt(two.var(ddof=1) / 2 + many.var(ddof=1) / 9)
    found = difference(two, many, 0.95)
    assert (found.high - found.low) / 2 == pytest.approx(half)


@settings(max_examples=30)
@given(values=samples)
def test_interval_of_a_mean_is_scipys(values):
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    found = mean(values, 0.95)
    assert (found.value, found.low, found.high) == pytest.approx((values.mean(), low, high), abs=1e-9)


def test_a_side_that_does_not_spread_adds_nothing_to_the_interval():
    spread = np.array([0.5, 0.6, 0.8])
    found, alone = difference(np.full(4, 0.9), spread, 0.95), mean(spread, 0.95)
    assert found.high - found.low == pytest.approx(alone.high - alone.low)


@pytest.mark.parametrize(
    ("first", "second", "value", "reason"),
    [
        ([0.5], [0.1, 0.2], 0.35, "a single solution has no spread"),
        ([0.5, 0.5], [0.25, 0.25], 0.25, "all values are equal"),
        ([], [0.1, 0.2], math.nan, "no solution on one side"),
    ],
)
def test_what_cannot_be_said_has_its_reason(first, second, value, reason):
    found = difference(np.array(first), np.array(second), 0.95)
    assert found.value == pytest.approx(value, nan_ok=True)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert found.reason == reason


def test_one_value_has_a_mean_and_no_spread():
    assert mean(np.array([0.5]), 0.95).value == 0.5
    assert math.isnan(mean(np.array([0.5]), 0.95).low)
    assert mean(np.array([]), 0.95).reason == "no solution"
    assert math.isnan(standard_deviation(np.array([0.5])))
