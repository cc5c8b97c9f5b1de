import numpy as np

from lossbasins.experiments.convex.numbers import comparison_table, eigenvalue_table, printed_convex
from lossbasins.experiments.convex.specs import ConvexChoices
from lossbasins.reporting.formats import to_latex, to_markdown
from tests.experiments.convex.linear_models import comparisons

CHOICES = ConvexChoices(pixels=7, train=20, attack=15, features=60, degree=2)


def test_a_row_per_model_and_pair():
    made = comparisons()
    table = comparison_table(made, "9 of 9 images")
    assert list(table["model"]) == ["ReLU features"] * 4 + ["cosine features"] * 4
    pair = made["cosine features"][3]
    row = table.iloc[-1]
    assert (row["pair"], row["parameters"]) == ("squared hinge, largest margin", 60)
    assert row["difference"] == np.abs(pair.good.eigenvalues - pair.bad.eigenvalues).max() > 0
    assert (row["bad_test_error"], row["bad_curving"]) == (pair.bad.test_error, pair.bad.curving)
    assert row["good_largest"] == pair.good.eigenvalues.max()


def test_eigenvalues_are_ranked_from_the_largest():
    made = comparisons()
    table = eigenvalue_table(made)
    assert len(table) == 2 * 4 * 60
    rows = table[(table["model"] == "ReLU features") & (table["pair"] == "square loss")]
    assert list(rows["rank"]) == list(range(1, 61))
    np.testing.assert_array_equal(rows["bad"], np.sort(made["ReLU features"][0].bad.eigenvalues)[::-1])


def test_print_says_both_errors_and_the_difference():
    made = comparisons()
    printed = printed_convex(comparison_table(made, "9 of 9 images"), CHOICES)
    lines = to_markdown(*printed).splitlines()
    pair = made["ReLU features"][0]
    cells = [cell.strip() for cell in lines[2].strip("|").split(" | ")]
    errors = [f"{100 * pair.good.test_error:.1f}", f"{100 * pair.bad.test_error:.1f}"]
    assert cells[:5] == ["ReLU features", "60", "square loss", *errors]
    assert float(cells[-1]) < 1e-10
    assert to_latex(*printed).count(r"\\") == 1 + 8 + 1
    assert "fit the first 20 training images, bad ones 15 images" in lines[-1]
    assert lines[-1].endswith("Data: 9 of 9 images.")
