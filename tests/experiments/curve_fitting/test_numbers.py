import numpy as np

from lossbasins.experiments.curve_fitting.numbers import curve_table, fit_table, printed_curve_fitting
from lossbasins.reporting.formats import to_csv, to_latex
from tests.experiments.curve_fitting.curves import choices, fitted
from tests.reporting.tables import cells, read_back


def test_a_row_per_fit():
    table = read_back(fit_table(fitted()))
    assert list(table["family"]) == ["network"] * 4 + ["attacked network"] * 2 + ["kernel"] * 3
    assert list(table["status"]) == ["ok"] * 6 + ["not_fitted", "ok", "ok"]
    assert list(table["test_error"]) == [curve.test_error for curve in fitted()]
    assert table["order"].isna().sum() == 6
    assert to_csv(fit_table(fitted())).splitlines()[1].startswith("network,1,,0,61,"), "whole numbers stay whole"


def test_curves_go_by_the_rows_of_the_fits():
    curves = read_back(curve_table(choices(), fitted()))
    for row, curve in enumerate(fitted()):
        np.testing.assert_array_equal(curves.loc[curves["curve"] == str(row), "y"], curve.values)
    given = curves[curves["curve"] == "training points"]
    np.testing.assert_allclose(given["y"], 0.5 - given["x"] + 2 * given["x"] ** 3)
    assert list(curves.loc[curves["curve"] == "attack points", "x"]) == [-0.5, 0.5]


def test_print_has_a_row_per_kind_and_the_cubic():
    rows, note = cells(printed_curve_fitting(fit_table(fitted()), choices()))
    kinds = [(row[0], row[1] or row[2], row[3], f"{row[5]}/{row[4]}") for row in rows[:-1]]
    assert kinds == [
        ("network", "1", "61", "2/2"),
        ("network", "2", "481", "2/2"),
        ("attacked network", "2", "481", "2/2"),
        ("kernel", "2", "3", "0/1"),
        ("kernel", "3", "4", "1/1"),
        ("kernel", "8", "9", "1/1"),
    ]
    first = [curve.test_error for curve in fitted()[:2]]
    printed = list(map(float, rows[0][7:10]))
    np.testing.assert_allclose(printed, [np.median(first), min(first), max(first)], rtol=0.006)
    assert rows[3][6:] == [""] * 5, "what does not interpolate has no measures in print"
    assert rows[-1][0] == "the cubic"
    assert "9 solutions, 1 left out (1 not fitted)" in note


def test_latex_has_a_line_for_the_header_each_row_and_the_note():
    assert to_latex(*printed_curve_fitting(fit_table(fitted()), choices())).count(r"\\") == 1 + 7 + 1
