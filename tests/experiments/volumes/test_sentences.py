import pandas as pd

from lossbasins.experiments.volumes.sentences import order, sentences, solutions, within
from lossbasins.reporting.sentences import AGAINST
from tests.experiments.volumes.frames import volume_frames
from tests.reporting.measurements import CASES


def test_each_protocol_is_told_with_its_numbers():
    points, table = volume_frames()
    said = sentences(points, table)
    assert [about for about, _ in said] == ["raw", "interpolated", "matched", AGAINST]
    row = table[(table["protocol"] == "raw") & (table["group"] == "all")].iloc[0]
    assert said[0].text.startswith(
        f"solutions in smaller basins generalise worse: tau {row['tau']:.2f} [{row['low']:.2f}, {row['high']:.2f}] by "
    )


def test_an_interval_on_both_sides_orders_nothing():
    assert order(pd.Series({"low": -0.1, "high": 0.1})) == "no order of basins is seen"
    assert order(pd.Series({"low": 0.1, "high": 0.2})) == "solutions in smaller basins generalise better"
    assert order(pd.Series({"low": float("nan"), "high": float("nan")})) == "nothing can be told"


def test_solutions_that_are_left_out_are_counted():
    points, _ = volume_frames(**CASES["usual"])
    raw = points[points["protocol"] == "raw"]
    shown = raw.loc[raw["log_inverse_volume"].notna() & (raw["attack"] == "none"), "test_accuracy"]
    told = solutions(raw, "log_inverse_volume")
    assert f"{len(shown)} unattacked ({100 * shown.min():.1f} to {100 * shown.max():.1f} %)" in told
    assert told.endswith("solutions, 2 left out")


def test_intervals_within_attack_settings_are_counted():
    table = pd.DataFrame(
        {"group": ["all", "none", "w1", "w2"], "low": [-1, -1, -1, None], "high": [-0.5, -0.2, 0.2, None]}
    )
    assert within(table).endswith("1 of 2 intervals of tau lies below zero")
    assert "too few" in within(table.assign(low=None))
