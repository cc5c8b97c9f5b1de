import numpy as np
import pytest
from matplotlib.colors import to_hex

from lossbasins.experiments.curve_fitting.figure import curve_fitting_figure
from lossbasins.experiments.curve_fitting.numbers import curve_table, fit_table
from lossbasins.reporting import style
from tests.experiments.curve_fitting.curves import choices, fitted
from tests.reporting.drawings import assert_readable
from tests.reporting.tables import read_back

MANIFEST = "0123456789abcdef" * 4


def frames(status=None):
    table = read_back(fit_table(fitted()))
    return (table if status is None else table.assign(status=status)), read_back(curve_table(choices(), fitted()))


def drawn(axes, label):
    return next(line for line in axes.lines if line.get_label() == label)


@pytest.mark.parametrize("status", [None, "ok", "diverged"])
def test_every_case_is_readable(status):
    assert_readable(curve_fitting_figure(*frames(status), MANIFEST))


def test_every_curve_that_interpolates_is_drawn_as_it_is():
    networks, kernels = curve_fitting_figure(*frames(), MANIFEST).axes
    attacked = fitted()[4]
    line = drawn(networks, "2 hidden layers, 481 parameters, attacked")
    np.testing.assert_array_equal(line.get_ydata(), attacked.values)
    assert line.get_linestyle() == "--"
    np.testing.assert_array_equal(drawn(kernels, "order 8").get_ydata(), fitted()[8].values)
    # The cubic, both starts of three networks, training and attack points; the cubic, two kernels, training points.
    assert (len(networks.lines), len(kernels.lines)) == (1 + 6 + 2, 1 + 2 + 1)
    assert "order 2" not in {line.get_label() for line in kernels.lines}


def test_larger_models_are_darker():
    colours = [sum(int(colour[i : i + 2], 16) for i in (1, 3, 5)) for colour in style.size_colours(5)]
    assert colours == sorted(colours, reverse=True)
    networks, _ = curve_fitting_figure(*frames(), MANIFEST).axes
    shown = [drawn(networks, f"{name} parameters") for name in ("1 hidden layer, 61", "2 hidden layers, 481")]
    assert [to_hex(line.get_color()) for line in shown] == style.size_colours(2)


def test_small_print_counts_those_left_out_and_names_the_manifest():
    words = " ".join(curve_fitting_figure(*frames(), MANIFEST).texts[0].get_text().split())
    assert "9 solutions, 1 left out (1 not fitted)" in words
    assert "Manifest 0123456789abcdef" in words
