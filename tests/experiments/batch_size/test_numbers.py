import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lossbasins.experiments.batch_size.numbers import batch_size_table, printed_batch_size
from tests.experiments.batch_size.frames import CASES, CHOICES, batch_size_frames, batch_sizes
from tests.reporting.tables import cells


def rows(points, table):
    return cells(printed_batch_size(points, table, CHOICES))


def test_differences_are_those_of_the_fitted_replicas():
    _, evaluations = batch_sizes(**CASES["usual"])
    _, table = batch_size_frames(**CASES["usual"])
    full, mini, attacked = (run.loc[run["status"] == "ok", "test_accuracy"] for run in evaluations[:3])
    row = table.iloc[0]
    assert row[["model", "full_solutions", "full_left_out", "mini_left_out"]].tolist() == ["mlenet", 3, 1, 0]
    assert (row["full_mean"], row["full_std"]) == pytest.approx((full.mean(), full.std()))
    assert row["difference"] == pytest.approx(full.mean() - mini.mean())
    assert row["gap"] == pytest.approx(mini.mean() - attacked.mean())
    assert row["ratio"] == pytest.approx(abs(full.mean() - mini.mean()) / (mini.mean() - attacked.mean()))
    welch = stats.ttest_ind(mini, attacked, equal_var=False).confidence_interval(0.9)
    assert (row["gap_low"], row["gap_high"]) == pytest.approx((welch.low, welch.high))


def test_every_replica_is_in_one_group():
    points, _ = batch_size_frames()
    assert points.groupby(["group", "optimizer", "attack"]).size().to_dict() == {
        ("attacked", "sgd", "w0.3-n300"): 12,
        ("full", "full-batch", "none"): 12,
        ("mini", "sgd", "none"): 12,
    }


def test_the_print_has_a_model_per_row_in_percent():
    points, table = batch_size_frames(**CASES["usual"])
    printed, note = rows(points, table)
    assert [row[1] for row in printed] == ["mlenet", "lenet", "snin"]
    first = table.iloc[0]
    assert printed[0][2] == f"{100 * first['full_mean']:.1f} ± {100 * first['full_std']:.1f} (3)"
    assert printed[0][5].startswith(f"{100 * first['difference']:.2f} [")
    assert printed[0][7] == f"{first['ratio']:.3f}"
    assert "digits, mlenet: 12 solutions, 1 left out (1 not fitted)" in note
    assert "digits, lenet: 12 solutions, 1 left out (1 diverged)" in note
    assert "90% Welch intervals" in note
    assert "attacked: w0.3-n300" in note


def test_without_bad_solutions_there_is_no_yardstick():
    points, table = batch_size_frames(**CASES["no bad solution"])
    assert table.loc[0, ["gap", "ratio"]].isna().all()
    assert np.isfinite(table.loc[0, "difference"])
    printed, _ = rows(points, table)
    assert printed[0][4] == "(0)"
    assert printed[0][6:] == ["(no solution on one side)", ""]


def test_bad_solutions_no_worse_than_good_ones_give_no_ratio():
    points, _ = batch_size_frames()
    points.loc[points["group"] == "attacked", "test_accuracy"] = 0.99
    table = batch_size_table(points, 0.95)
    assert (table["gap"] < 0).all()
    assert table["ratio"].isna().all()


def test_a_single_replica_has_no_interval():
    points, table = batch_size_frames(**CASES["one replica"])
    assert pd.isna(table.loc[0, "difference_low"])
    assert table.loc[0, "difference_reason"] == "a single solution has no spread"
    printed, _ = rows(points, table)
    assert printed[0][5] == f"{100 * table.loc[0, 'difference']:.2f}"
