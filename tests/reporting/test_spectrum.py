import numpy as np
import pandas as pd
import pytest

from lossbasins.reporting.spectrum import roles, signs, spectrum_numbers, spectrum_table
from tests.reporting.measurements import measurements


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


@pytest.mark.parametrize(("dtype", "noise"), [(np.float64, 1e-14), (np.float32, 1e-5)])
def test_rounding_noise_is_zero_in_its_own_precision(dtype, noise):
    values = np.array([-0.5, -noise, 0, noise, *np.full(95, 0.1), 100], dtype=dtype)
    assert signs(values) == (1, 3, 96)


def test_numbers_of_a_known_spectrum():
    values = np.array([[-1.0, 0.0, np.e, np.e**2, np.e**3]])
    row = spectrum_numbers({"replica": np.array([7]), "eigenvalues": values}, top=2).iloc[0]
    assert row["replica"] == 7
    assert row["log_inverse_volume"] == pytest.approx(5)
    assert [row[name] for name in ("parameters", "negative", "zero", "positive")] == [5, 1, 1, 3]
    assert (row["smallest"], row["largest"]) == (-1, np.e**3)
    assert pd.isna(row["reason"])


@pytest.mark.parametrize(
    ("values", "reason"),
    [([-1.0, 0.0, 1e-17, 2.0], "fewer than 2 positive eigenvalues"), ([1.0, np.nan, 2.0], "eigenvalues not finite")],
)
def test_a_spectrum_without_volume_says_why(values, reason):
    row = spectrum_numbers({"replica": np.array([0]), "eigenvalues": np.array([values])}, top=2).iloc[0]
    assert row["reason"] == reason
    assert np.isnan(row["log_inverse_volume"])


def test_long_form_holds_the_spectra_of_the_chosen():
    made = measurements(statuses={(0, 1): "not_fitted"})
    table, eigenvalues = spectrum_table(made.labels, made.evaluations, made.spectra, top=10)
    bad = table[table["role"] == "bad"].iloc[0]
    run = next(
        i for i, x in enumerate(made.labels) if (x["optimizer"], x["attack"]) == (bad["optimizer"], bad["attack"])
    )
    expected = made.spectra[run]["eigenvalues"][bad["replica"]][::-1]
    np.testing.assert_array_equal(eigenvalues.loc[eigenvalues["role"] == "bad", "eigenvalue"], expected)
    assert list(eigenvalues["role"].unique()) == ["good", "middling", "bad"]
    assert bad["test_accuracy"] == table.loc[table["left_out"].isna(), "test_accuracy"].min()
    assert len(table) == 48


def test_too_few_positive_eigenvalues_leave_a_solution_out():
    made = measurements(("sgd",), ((0.0, 0),))
    made.spectra[0]["eigenvalues"][2] *= -1
    made.spectra[0]["eigenvalues"][2] -= 1e3
    table, _ = spectrum_table(made.labels, made.evaluations, made.spectra, top=10)
    assert list(table["left_out"].fillna("-")) == ["-", "-", "fewer than 10 positive eigenvalues", "-"]
    assert pd.isna(table.loc[2, "role"])


def test_no_fitted_solution_gives_empty_spectra():
    made = measurements(("sgd",), ((0.0, 0),), statuses={(0, replica): "diverged" for replica in range(4)})
    table, eigenvalues = spectrum_table(made.labels, made.evaluations, made.spectra, top=10)
    assert table["role"].isna().all()
    assert (list(eigenvalues.columns), len(eigenvalues)) == (["role", "rank", "eigenvalue"], 0)
