import numpy as np

from lossbasins.experiments.basin_stability.evidence import basin_stability
from tests.experiments.basin_stability.frames import comparisons, stability_frames
from tests.reporting.tables import read_back


def test_each_kind_of_kick_and_control_is_a_place():
    table = read_back(comparisons(*stability_frames(), norm_within=1e-9))
    found = basin_stability(table, 0.95)
    assert [each.where.partition(", ")[0] for each in found] == ["whole"] * 4 + ["layers"] * 4
    share, _, equal_norm, _ = found[:4]
    assert share.high < 1
    row = table[(table["kind"] == "whole") & (table["group"] == "share")].iloc[0]
    assert (share.value, share.low, share.high) == (row["value"], row["low"], row["high"])
    assert share.interval == "95% (Mann and Whitney)"
    assert np.isnan(equal_norm.value)
    assert equal_norm.interval == "no pair"
