import numpy as np
import pytest

from lossbasins.experiments.basin_stability.compared import SCALES, printed_comparisons
from lossbasins.reporting.shift import shift
from tests.experiments.basin_stability.frames import comparisons, stability_frames
from tests.reporting.tables import cells


def value(table, statistic, group, kind="whole"):
    (row,) = table[(table["statistic"] == statistic) & (table["group"] == group) & (table["kind"] == kind)].to_dict(
        "records"
    )
    return row


def test_ratios_are_medians_over_pairs():
    frame, curves = stability_frames()
    table = comparisons(frame, curves)
    shown = frame[frame["kind"] == "whole"]
    good, bad = (shown[shown["role"] == role] for role in ("good", "bad"))
    ratio = bad["half"].to_numpy()[:, None] / good["half"].to_numpy()
    found = value(table, "ratio", "share")
    assert found["value"] == pytest.approx(np.exp(np.median(np.log(ratio))))
    assert found["low"] <= found["value"] <= found["high"] < 1
    assert (found["pairs"], found["solutions"]) == (len(good) * len(bad), len(good) + len(bad))
    norms = bad["weight_norm"].to_numpy()[:, None] / good["weight_norm"].to_numpy()
    assert value(table, "ratio", "length")["value"] == pytest.approx(np.exp(np.median(np.log(ratio * norms))))
    alike = np.abs(norms - 1) <= 0.02
    equal = value(comparisons(frame, curves, norm_within=0.02), "ratio", "equal_norm")
    assert 0 < alike.sum() < alike.size
    assert equal["pairs"] == alike.sum()
    assert equal["value"] == pytest.approx(np.exp(np.median(np.log(ratio[alike]))))
    losses = bad["loss_at_half"].to_numpy()[:, None] / good["loss_at_half"].to_numpy()
    assert value(table, "ratio", "equal_loss")["value"] == pytest.approx(np.exp(np.median(np.log(losses))))


def test_intervals_of_ratios_are_exact_or_missing_where_solutions_are_few():
    frame, curves = stability_frames()
    shown = frame[frame["kind"] == "whole"]
    good, bad = (np.log(shown.loc[shown["role"] == role, "half"].to_numpy()) for role in ("good", "bad"))
    found = value(comparisons(frame, curves), "ratio", "share")
    exact = shift(bad, good, 0.95)
    assert (found["low"], found["high"]) == pytest.approx(np.exp([exact.low, exact.high]))
    one = shown.loc[shown["role"] == "good", ["run", "replica"]].iloc[0]
    few = frame[frame["role"].ne("good") | (frame[["run", "replica"]] == one).all(axis=1)]
    for group in ("share", "equal_norm"):
        found = value(comparisons(few, curves, norm_within=10), "ratio", group)
        assert found["value"] < 1
        assert np.isnan(found["low"])
        assert "too few" in found["reason"]


def test_solutions_that_all_leave_alike_have_a_ratio_of_one():
    frame, curves = stability_frames()
    curves["returned"] = np.where(curves["radius"] < 0.3, curves["kicks"], 0)
    table = comparisons(frame.assign(half=0.3), curves)
    found = value(table, "ratio", "share")
    assert found["value"] == 1
    assert found["low"] <= 1 <= found["high"]


def test_a_pair_that_is_missing_is_said_to_be():
    frame, curves = stability_frames()
    found = value(comparisons(frame, curves, norm_within=1e-9), "ratio", "equal_norm")
    assert np.isnan(found["value"])
    assert (found["pairs"], found["reason"]) == (0, "no pair")
    unattacked, curves = stability_frames(attacks=((0.0, 0),))
    found = value(comparisons(unattacked, curves), "ratio", "share")
    assert found["reason"] == "no pair"


def test_tau_is_positive_where_better_solutions_come_back_from_harder_kicks():
    table = comparisons(*stability_frames())
    assert value(table, "tau", "all")["low"] > 0
    assert list(table[table["statistic"] == "tau"]["group"].unique()) == [
        *("all", "given_norm", "none", "w0.05-n400", "w0.2-n400", "w0.5-n400"),
    ]


def test_print_says_what_each_row_is_of():
    frame, curves = stability_frames()
    table = comparisons(frame, curves)
    rows, note = cells(printed_comparisons(table, frame, 0.1))
    assert len(rows) == len(table)
    assert {row[2].replace("\\", "") for row in rows if row[1].startswith("half kick")} == set(SCALES.values())
    assert "within 10%" in note


@pytest.mark.parametrize("kinds", [1, 2])
def test_seeds_make_the_same_numbers(kinds):
    frame, curves = stability_frames()
    kept = frame["kind"].unique()[:kinds]
    frame = frame[frame["kind"].isin(kept)]
    one, same = (comparisons(frame, curves) for _ in range(2))
    assert one.equals(same)
