import numpy as np
import pytest
from scipy import stats

from lossbasins.reporting.ordering import excess, pairs, pairs_within, partial, tau, taus_of


def over(chosen, *values):
    """Tau of two, or the three taus of three, each pair counted once."""
    orders = [chosen.order(np.asarray(one, dtype=float)) for one in values]
    if len(orders) == 2:
        return tau(*orders).item()
    return [one.item() for one in taus_of(orders)]


def tau_of(correlation):
    """Kendall's tau of normal variables of that correlation (Greiner)."""
    return 2 / np.pi * np.arcsin(correlation)


@pytest.mark.parametrize("seed", range(5))
def test_over_all_pairs_it_is_scipys_tau_b_with_ties(seed):
    x, y = np.random.default_rng(seed).integers(0, 5, (2, 20))
    assert over(pairs(20), x, y) == pytest.approx(stats.kendalltau(x, y).statistic, abs=1e-14)


def test_within_groups_concordant_less_discordant_pairs_are_pooled():
    cells = np.array([0, 0, 0, 1, 1, 2])
    x, y = np.array([1, 2, 3, 9, 8, 0]), np.array([1, 3, 2, 4, 5, 9])
    chosen = pairs_within(cells)
    assert chosen.number == 4
    assert over(chosen, x, y) == pytest.approx((2 - 2) / 4)


def test_a_shift_of_whole_groups_changes_nothing_within_them():
    rng = np.random.default_rng(0)
    cells = np.repeat(np.arange(6), 4)
    x, y = rng.normal(size=(2, 24))
    assert over(pairs_within(cells), x + 10 * cells, y - 7 * cells) == over(pairs_within(cells), x, y)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_of_normal_variables_with_a_third_in_common_nothing_is_in_excess_but_a_partial_tau_is_left(correlation):
    common, *own = np.random.default_rng(1).normal(size=(3, 3000))
    x, y = (correlation * common + np.sqrt(1 - correlation**2) * one for one in own)
    taus = over(pairs(3000), x, y, np.exp(common))
    assert excess(*taus) == pytest.approx(0, abs=0.02)
    with_third, together = tau_of(correlation), tau_of(correlation**2)
    assert partial(*taus) == pytest.approx((together - with_third**2) / (1 - with_third**2), abs=0.02)


def test_nothing_is_left_where_the_third_has_the_same_order():
    x = np.arange(6)
    taus = over(pairs(6), x, [0, 2, 1, 4, 3, 5], x)
    assert np.isnan([partial(*taus), excess(*taus)]).all()
