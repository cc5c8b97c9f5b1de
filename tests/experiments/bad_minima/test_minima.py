import numpy as np
import pytest

from lossbasins.experiments.bad_minima.minima import minima, printed_minima
from tests.reporting.measurements import measurements
from tests.reporting.tables import cells


def made(**case):
    """Two runs, of which the second is said to have learnt random labels first."""
    found = measurements(optimizers=("sgd",), attacks=((0.0, 0), (0.1, 400), (0.2, 400)), **case)
    found.labels[2] |= {"attack": "random-r4", "attack_weight": np.nan, "attack_size": 4}
    for evaluation in found.evaluations[2:]:
        evaluation["attack_accuracy"] = np.nan
    matched = [
        frame.assign(train_loss=0.0005, test_accuracy=frame["test_accuracy"] + 0.01) for frame in found.evaluations
    ]
    return found.labels, found.evaluations, matched


def test_every_solution_says_how_it_was_made_and_what_it_was_before():
    labels, trained, matched = made()
    frame = minima(labels, trained, matched)
    ways = ["unattacked"] * 4 + ["attack term"] * 4 + ["random labels first"] * 4
    assert frame["made"].tolist() == ways
    np.testing.assert_allclose(frame["test_accuracy"] - frame["test_accuracy_trained"], 0.01)
    assert set(frame["train_loss"]) == {0.0005}


def test_replicas_that_differ_are_an_error():
    labels, trained, matched = made()
    with pytest.raises(ValueError, match="polish them again"):
        minima(labels, trained, [*matched[:2], matched[2].iloc[1:]])


def test_print_has_a_row_for_each_run_and_counts_what_is_left_out():
    rows, note = cells(printed_minima(minima(*made(statuses={(2, 0): "not_fitted"}))))
    assert [row[3] for row in rows] == ["unattacked", "attack term", "random labels first"]
    assert [row[5] for row in rows] == ["4 of 4", "4 of 4", "3 of 4"]
    assert rows[0][7] == rows[2][7] == ""
    assert "1 left out (1 not fitted)" in note
