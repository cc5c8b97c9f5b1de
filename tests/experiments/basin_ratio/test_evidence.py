import math

import pytest

from lossbasins.experiments.basin_ratio.evidence import basin_ratio, starts
from tests.experiments.basin_ratio.frames import basin_frames


def test_ratios_are_those_at_the_largest_k_and_starts_lie_between_exact_bounds():
    ratio, _, shares = basin_frames()
    found = basin_ratio(ratio, 0.95)
    assert found[0].where == f"raw, k = {ratio[ratio['protocol'] == 'raw']['k'].max()}"
    assert found[0].value == ratio[ratio["protocol"] == "raw"]["median"].iloc[-1]
    (alone, *_) = basin_ratio(ratio.assign(good=1), 0.95)
    assert (alone.value, alone.interval) == (
        found[0].value,
        "one solution is in all pairs; two of each kind have a spread",
    )
    assert math.isnan(alone.high)
    (start,) = starts(shares, 0.95)
    assert (start.value, start.low, start.high) == (0, 0, pytest.approx(1 - 0.05 ** (1 / 12)))
