import numpy as np
import pandas as pd

from lossbasins.experiments.spectrum.numbers import printed_spectrum, spectrum_table
from tests.reporting.measurements import DATA, measurements
from tests.reporting.tables import cells


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


def test_the_three_solutions_from_good_to_bad():
    made = measurements(statuses={(2, 0): "diverged"})
    table, _ = spectrum_table(made.labels, made.evaluations, made.spectra, top=10)
    rows, note = cells(printed_spectrum(table, 10))
    assert [row[0] for row in rows] == ["good", "middling", "bad"]
    assert float(rows[0][4]) > float(rows[1][4]) > float(rows[2][4])
    assert "48 solutions, 1 left out (1 diverged)" in note
    assert note.endswith(f" Data: {DATA}.")
