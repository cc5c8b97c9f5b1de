import numpy as np
import pandas as pd
import pytest

from lossbasins.reporting.solutions import left_out_note, solutions, stacked, with_measurement

LABELS = [{"optimizer": "sgd", "attack": "none"}, {"optimizer": "adam", "attack": "none"}]


def evaluation(*statuses, accuracy=0.9):
    return pd.DataFrame({"replica": range(len(statuses)), "status": statuses, "test_accuracy": accuracy})


def test_every_replica_has_a_row_and_a_reason_if_it_is_left_out():
    frame = solutions(LABELS, [evaluation("ok", "diverged"), evaluation("not_fitted", "ok")])
    assert list(frame["optimizer"]) == ["sgd", "sgd", "adam", "adam"]
    assert list(frame["replica"]) == [0, 1, 0, 1]
    assert list(frame["left_out"].fillna("-")) == ["-", "diverged", "not fitted", "-"]


def test_a_fitted_replica_without_test_accuracy_is_left_out():
    frame = solutions(LABELS[:1], [evaluation("ok", accuracy=np.nan)])
    assert list(frame["left_out"]) == ["test accuracy not finite"]


def test_unknown_status_is_an_error():
    with pytest.raises(ValueError, match="'lost': allowed are ok, not_fitted, diverged"):
        solutions(LABELS[:1], [evaluation("lost")])


def test_a_missing_file_is_an_error():
    with pytest.raises(ValueError, match="shorter"):
        solutions(LABELS, [evaluation("ok")])


def test_runs_without_rows_leave_types_alone():
    frame = stacked(LABELS, [pd.DataFrame({"replica": []}), pd.DataFrame({"replica": [3]})])
    assert frame["replica"].dtype == np.int64
    assert list(frame["run"]) == [1]


def test_measurements_join_their_own_run_and_replica():
    frame = solutions(LABELS, [evaluation("ok", "diverged"), evaluation("ok", "ok")])
    measured = [
        pd.DataFrame({"replica": [0], "norm": [1.0], "reason": pd.Series([None], dtype="str")}),
        pd.DataFrame({"replica": [1, 0], "norm": [3.0, 2.0], "reason": pd.Series([None, "not finite"], dtype="str")}),
    ]
    joined = with_measurement(frame, LABELS, measured, "norm_left_out")
    assert list(joined["norm"].fillna(-1)) == [1, -1, -1, 3]
    assert list(joined["norm_left_out"].fillna("-")) == ["-", "diverged", "not finite", "-"]


def test_a_fitted_replica_that_was_not_measured_is_an_error():
    frame = solutions(LABELS[:1], [evaluation("ok", "ok")])
    measured = pd.DataFrame({"replica": [0], "norm": [1.0], "reason": pd.Series([None], dtype="str")})
    with pytest.raises(ValueError, match="replica 1 of sgd, attack none"):
        with_measurement(frame, LABELS[:1], [measured], "left_out")


def test_note_counts_each_reason():
    reasons = pd.Series([None, "not fitted", "diverged", "not fitted"], dtype="str")
    assert left_out_note(reasons) == "4 solutions, 3 left out (1 diverged, 2 not fitted)"
    assert left_out_note(reasons[:1]) == "1 solution, none left out"
