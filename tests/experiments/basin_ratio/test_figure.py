import numpy as np
import pytest

from lossbasins.experiments.basin_ratio.figure import basin_ratio_figure
from tests.experiments.basin_ratio.frames import basin_frames
from tests.reporting.drawings import assert_readable
from tests.reporting.measurements import ATTACKS, CASES

MANIFEST = "0123456789abcdef" * 4


@pytest.mark.parametrize("case", [case for case in CASES if case != "one attack"])
def test_every_case_is_readable(case):
    assert_readable(basin_ratio_figure(*basin_frames(**CASES[case]), MANIFEST))


def test_many_starts_are_readable():
    assert_readable(basin_ratio_figure(*basin_frames(replicas=400, parameters=60, attacks=ATTACKS[:2]), MANIFEST))


def test_the_line_is_the_median_of_the_table_and_a_bar_counts_each_start():
    ratio, starts, shares = basin_frames()
    raw, *_, last = basin_ratio_figure(ratio, starts, shares, MANIFEST).axes
    expected = ratio[ratio["protocol"] == "raw"]
    np.testing.assert_array_equal(raw.lines[1].get_xydata(), expected[["k", "median"]])
    assert sum(bar.get_height() for bar in last.patches) == len(starts)


def test_the_share_of_starts_is_stated_with_its_bound():
    figure = basin_ratio_figure(*basin_frames(below=0.5), MANIFEST)
    upper = 1 - 0.05 ** (1 / 12)
    assert figure.axes[-1].get_xlabel().endswith(f"0 of 12 below,\np $\\leq$ {upper:.2g}")


def test_a_protocol_without_a_pair_says_so():
    figure = basin_ratio_figure(*basin_frames(below=0.01), MANIFEST)
    assert figure.axes[0].texts[0].get_text() == "no pair:\n12 good,\n0 bad"
