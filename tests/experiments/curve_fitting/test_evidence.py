import numpy as np
import pandas as pd
import pytest

from lossbasins.experiments.curve_fitting.evidence import curve_fitting


def test_networks_are_held_against_attacked_ones_in_all_pairs():
    table = pd.DataFrame(
        {
            "family": ["network", "network", "attacked network", "attacked network", "kernel", "network"],
            "status": ["ok"] * 5 + ["not_fitted"],
            "test_error": [0.1, 0.3, 0.5, 0.5, 9.0, 9.0],
        }
    )
    (found,) = curve_fitting(table, 0.95)
    assert (found.value, found.low, found.high) == pytest.approx((0.4, 0.2, 0.6))
    (alone,) = curve_fitting(table[1:], 0.95)
    assert alone.value == pytest.approx(0.6)
    assert np.isnan(alone.low)
    assert alone.interval == "one solution is in all pairs; two of each kind have a spread"
    (nothing,) = curve_fitting(table[:0], 0.95)
    assert np.isnan(nothing.value)
    assert nothing.interval == "no pair"
