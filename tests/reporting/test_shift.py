import numpy as np
import pytest
from scipy import stats

from lossbasins.reporting.shift import shift


@pytest.mark.parametrize("sizes", [(4, 4), (6, 9), (3, 20)])
def test_the_interval_holds_what_mann_and_whitney_do_not_reject(sizes):
    rng = np.random.default_rng(sum(sizes))
    first, second = (rng.normal(size=size) for size in sizes)
    found = shift(first, second, 0.95)
    assert found.value == pytest.approx(np.median(first[:, None] - second))
    for offset, held in (
        (found.low - 1e-9, False),
        (found.low + 1e-9, True),
        (found.high - 1e-9, True),
        (found.high + 1e-9, False),
    ):
        p = stats.mannwhitneyu(first - offset, second, method="exact").pvalue
        assert (p > 0.05) == held


def test_it_covers_the_shift_at_the_smallest_sizes():
    rng, trials = np.random.default_rng(0), 2000
    missed = 0
    for _ in range(trials):
        found = shift(rng.standard_t(3, size=4) + 2, rng.standard_t(3, size=4), 0.95)
        missed += not found.low <= 2 <= found.high
    # 2 of the 70 orders of four and four are left out.
    assert missed / trials == pytest.approx(2 / 70, abs=4 * np.sqrt(2 / 70 / trials))


def test_too_few_have_no_interval_and_none_no_value():
    found = shift(np.array([1.0, 2, 3]), np.zeros(3), 0.95)
    assert (found.value, found.reason) == (2, "3 and 3 solutions, too few for 95%: 4 of each would do")
    assert np.isnan([found.low, found.high]).all()
    assert "5 of each would do" in shift(np.arange(4.0), np.zeros(4), 0.99).reason
    for confidence in (0.9, 0.95, 0.99, 0.999):
        said = int(shift(np.zeros(1), np.zeros(1), confidence).reason.split()[-5])
        has = [np.isfinite(shift(np.arange(n), np.zeros(n), confidence).low) for n in (said - 1, said)]
        assert has == [False, True]
    assert shift(np.zeros(0), np.ones(3), 0.95).reason == "no pair"
