import pandas as pd
import pytest

from lossbasins.experiments.polish.numbers import MEASURES, polish_table, printed_polish
from lossbasins.specs.polish import Target
from tests.experiments.polish.polished import polished
from tests.reporting.measurements import DATA
from tests.reporting.tables import cells


def test_every_replica_stands_beside_itself():
    labels, before, after, polish = polished({(1, 2): "not_reached"})
    table = polish_table(labels, before, after, polish)
    assert len(table) == 18
    row = table.iloc[5]  # run 1, replica 2
    assert row[["optimizer", "attack", "replica", "polish"]].tolist() == ["sgd", "w0.05-n400", 2, "not_reached"]
    for name in MEASURES:
        assert row[f"{name}_before"] == before[1][name][2]
        assert row[f"{name}_after"] == after[1][name][2]
    assert (row["distance"], row["gradients"]) == (polish[1]["distance"][2], polish[1]["gradients"][2])


def test_other_replicas_after_than_before_are_an_error():
    labels, before, after, polish = polished()
    after[1] = after[1].iloc[:2]
    with pytest.raises(ValueError, match=r"replicas \[0, 1, 2\] before, but \[0, 1\] after"):
        polish_table(labels, before, after, polish)


def test_the_print_has_medians_of_those_that_reached_the_target():
    ways = {(1, 0): "not_reached", (2, 0): "diverged", (2, 1): "below_target", (2, 2): "not_reached"}
    labels, before, after, polish = polished(ways)
    rows, note = cells(printed_polish(polish_table(labels, before, after, polish), Target(loss=0.0005)))
    assert note.endswith(f" Data: {DATA}.")
    assert [row[:4] for row in rows[:3]] == [
        ["sgd", "none", "3", "3"],
        ["sgd", "w0.05-n400", "3", "2"],
        ["sgd", "w0.2-n400", "3", "0"],
    ]
    accuracies = [100 * pd.Series(frame[1]["test_accuracy"][1:]).median() for frame in (before, after)]
    assert rows[1][4] == f"{accuracies[0]:.1f} -> {accuracies[1]:.1f}"
    assert rows[0][5] == ""  # no attack
    assert rows[1][5] == "90.0 -> 90.0"
    assert rows[1][7] == "1.65"
    assert rows[2][4:] == ["", "", "", ""]
    assert "to L_S = 0.0005" in note
    assert "of 18 solutions 4 did not, 2 ended above it, 1 below it from the start, 1 diverged" in note


def test_a_gradient_norm_is_named_as_such():
    note = printed_polish(polish_table(*polished()), Target(gradient_norm=0.01)).note
    assert "to |grad L_S| <= 0.01" in note
    assert "of 18 solutions 0 did not." in note
