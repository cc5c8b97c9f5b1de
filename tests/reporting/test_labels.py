import numpy as np
import pytest
from matplotlib.figure import Figure

from lossbasins.reporting import labels


@pytest.mark.parametrize("decades", np.arange(0.31, 2, 0.07))
@pytest.mark.parametrize("low", [0.13, 1.0, 4.3, 370.0])
def test_ticks_from_a_factor_of_two_to_two_decades_are_several_and_apart(low, decades):
    axes = Figure().add_subplot()
    axes.set(xscale="log", xlim=(low, low * 10**decades))
    labels.logarithmic(axes.xaxis, *axes.get_xlim())
    places = (np.log10(axes.get_xticks()) - np.log10(low)) / decades
    shown = places[(places >= 0) & (places <= 1)]
    assert 1 <= len(shown) <= 8
    # Of a panel of an inch and a half, which three digits of seven points and a space need.
    assert np.diff(shown).min(initial=1) > 1 / 6
