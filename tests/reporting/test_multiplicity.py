import numpy as np
import pytest

from lossbasins.reporting.multiplicity import p_values, permuted, step_down

STRATA = np.repeat([0, 1, 2], [5, 3, 4])


def test_values_stay_in_their_stratum():
    values = np.arange(12.0)
    drawn = permuted(values, STRATA, np.random.default_rng(0).random((200, 12)))
    for stratum in range(3):
        members = stratum == STRATA
        assert (np.sort(drawn[:, members], axis=1) == values[members]).all()
    # Each of five values is in the first place a fifth of the times, within four binomial deviations.
    assert np.bincount(drawn[:, 0].astype(int)) / 200 == pytest.approx(np.full(5, 0.2), abs=4 * np.sqrt(0.16 / 200))


def test_the_same_scores_permute_equal_parts_alike():
    values, scores = np.arange(12.0), np.random.default_rng(1).random((50, 12))
    part = STRATA < 2
    np.testing.assert_array_equal(
        permuted(values[part], STRATA[part], scores[:, part]), permuted(values, STRATA, scores)[:, part]
    )


def test_of_independent_statistics_the_correction_is_that_of_sidak():
    null = np.random.default_rng(2).normal(size=(20000, 4))
    observed = np.array([2.6, 0.1, 0.2, 0.0])
    single = p_values(observed, null)
    corrected = step_down(observed, null)
    assert corrected[0] == pytest.approx(1 - (1 - single[0]) ** 4, rel=0.1)
    assert (corrected >= single - 1e-12).all()


def test_of_equal_statistics_there_is_nothing_to_correct():
    draws = np.random.default_rng(3).normal(size=(999, 1))
    null, observed = np.repeat(draws, 5, axis=1) * [1, 2, 3, 4, 5], 1.5 * np.arange(1, 6)
    np.testing.assert_allclose(step_down(observed, null), p_values(observed[:1], null[:, :1])[0])


def test_corrected_p_never_fall_with_the_statistic_and_stop_helping_those_below():
    rng = np.random.default_rng(4)
    null, observed = rng.normal(size=(499, 6)), rng.normal(size=6) * 2
    corrected = step_down(observed, null)
    by_size = corrected[np.argsort(-np.abs(observed) / null.std(axis=0))]
    assert (np.diff(by_size) >= 0).all()


def test_one_false_rejection_in_twenty_families():
    """Under the null the smallest corrected p is below 5 % in 5 % of cases, whatever the dependence."""
    rng, rejected, trials = np.random.default_rng(5), 0, 300
    shared = rng.normal(size=(trials, 200, 1))
    draws = 0.7 * shared + rng.normal(size=(trials, 200, 8))
    for family in draws:
        rejected += step_down(family[0], family[1:]).min() <= 0.05
    assert rejected / trials == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / trials))


def test_the_least_p_is_one_more_than_the_permutations():
    assert step_down(np.array([9.0]), np.zeros((99, 1))) == pytest.approx([0.01])
