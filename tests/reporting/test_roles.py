import pandas as pd

from lossbasins.reporting.roles import roles


def chosen(accuracies, left_out=()):
    reasons = pd.Series([None] * len(accuracies), dtype="str")
    reasons[list(left_out)] = "diverged"
    return list(roles(pd.Series(accuracies, dtype=float), reasons).fillna("-"))


def test_highest_median_and_lowest_are_chosen():
    assert chosen([0.5, 0.9, 0.7, 0.8, 0.6]) == ["bad", "good", "middling", "-", "-"]


def test_solutions_left_out_are_not_chosen():
    assert chosen([0.1, 0.5, 0.9, 0.7, 1.0], left_out=[0, 4]) == ["-", "bad", "good", "middling", "-"]


def test_few_solutions_fill_few_roles():
    assert chosen([0.5, 0.9]) == ["bad", "good"]
    assert chosen([0.5]) == ["good"]
    assert chosen([0.5], left_out=[0]) == ["-"]
