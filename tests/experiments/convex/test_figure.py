import numpy as np
import pytest

from lossbasins.experiments.convex.figure import convex_figure
from lossbasins.experiments.convex.numbers import comparison_table, eigenvalue_table
from tests.experiments.convex.linear_models import comparisons
from tests.reporting.drawings import assert_readable
from tests.reporting.tables import read_back

MANIFEST = "0123456789abcdef" * 4


def drawn(kinds=("ReLU features", "cosine features", "polynomial")):
    made = comparisons(kinds)
    return made, convex_figure(
        read_back(comparison_table(made, "9 of 9 images")), read_back(eigenvalue_table(made)), MANIFEST
    )


@pytest.mark.parametrize("kinds", [("ReLU features", "cosine features", "polynomial"), ("polynomial",)])
def test_every_case_is_readable(kinds):
    assert_readable(drawn(kinds)[1])


def test_each_panel_has_both_spectra_without_zeros():
    made, figure = drawn()
    assert len(figure.axes) == 6
    for axes, (model, pair) in zip(
        figure.axes, ((model, made[model][number]) for number in (0, 3) for model in made), strict=True
    ):
        assert axes.get_title(loc="left") == f"{model}\n{pair.pair}"
        for line, minimum in zip(axes.lines, (pair.good, pair.bad), strict=True):
            np.testing.assert_array_equal(line.get_ydata(), minimum.eigenvalues[::-1][: minimum.curving])
        legend = axes.get_legend()
        assert legend.get_title().get_text() == f"largest difference {pair.difference:.3g}"
        assert legend.get_texts()[1].get_text() == f"bad, test error {100 * pair.bad.test_error:.1f} %"


def test_the_two_minima_differ_in_more_than_colour():
    good, bad = drawn()[1].axes[0].lines
    assert good.get_linestyle() != bad.get_linestyle()
    assert good.get_linewidth() > 2 * bad.get_linewidth()
