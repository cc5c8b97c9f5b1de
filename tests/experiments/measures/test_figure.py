import numpy as np
import pytest

from lossbasins.experiments.measures.figure import measures_figure
from tests.experiments.measures.frames import measures_frames
from tests.reporting.drawings import assert_readable
from tests.reporting.measurements import CASES

MANIFEST = "0123456789abcdef" * 4


def figure(**case):
    table, points, ranks, *_ = measures_frames(**case)
    return table, measures_figure(table, points, ranks, 10, MANIFEST)


@pytest.mark.parametrize("case", ["usual", "one run", "a run left out", "nothing"])
def test_every_case_is_readable(case):
    assert_readable(figure(measures=("free_energy", "weight_norm"), **CASES[case])[1])


def test_marks_lie_where_the_table_says_and_nulls_are_hollow():
    table, drawn = figure(optimizers=("sgd", "adam"))
    raw = table[table["protocol"] == "raw"]
    marks = [line for line in drawn.axes[0].lines if line.get_marker() in "os"]
    expected = raw[["overall", "within"]].to_numpy().ravel()
    np.testing.assert_allclose(sorted(line.get_xdata()[0] for line in marks), sorted(expected))
    hollow = [line for line in marks if line.get_markerfacecolor() == "white"]
    assert len(hollow) == 2 * raw["null"].sum()


@pytest.mark.parametrize(
    ("measures", "titles"),
    [
        (("free_energy", "log_inverse_volume", "weight_norm"), ["matched: the paper's", "matched: best of the others"]),
        (("log_inverse_volume", "weight_norm"), ["matched: the paper's"]),
        (("frobenius", "weight_norm"), ["matched: best"]),
        (("weight_norm",), []),
    ],
)
def test_no_measure_is_drawn_twice_and_no_null(measures, titles):
    _, drawn = figure(measures=measures, optimizers=("sgd", "adam"))
    assert [axes.get_title("left") for axes in drawn.axes[3:-1]] == titles


def test_a_primary_measure_that_was_not_taken_has_a_row_that_says_none():
    _, drawn = figure(measures=("frobenius",), optimizers=("sgd", "adam"))
    assert [label.get_text() for label in drawn.axes[0].get_yticklabels()] == ["free_energy", "frobenius"]
    assert [text.get_text() for text in drawn.axes[2].texts].count("none") == 1
