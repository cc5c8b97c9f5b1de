import numpy as np
import pandas as pd
import pytest

from lossbasins.experiments.density.numbers import density_table, printed_density
from tests.experiments.density.frames import TOP, densities, density_frames
from tests.reporting.measurements import CASES, measurements
from tests.reporting.tables import cells


def test_trace_and_norm_are_those_of_the_whole_spectrum_within_their_errors():
    made = measurements(statuses={(1, 2): "diverged"})
    table = density_table(made.labels, made.evaluations, densities(made))[0]
    table["run"] = np.repeat(np.arange(len(made.labels)), 4)
    shown = table[table["left_out"].isna()]
    assert len(shown) == 47
    away = []
    for row in shown.to_dict("records"):
        spectra = made.spectra[row["run"]]
        values = spectra["eigenvalues"][spectra["replica"] == row["replica"]][0]
        assert row["largest"] == values.max()
        assert row["probes"] == 3
        assert values.min() * (1 + 1e-6) <= row["smallest"] <= np.quantile(values, 0.1)
        assert row["frobenius_norm"] == pytest.approx(np.linalg.norm(values), rel=0.2)
        away.append((row["trace"] - values.sum()) / row["trace_error"])
    # Student's t of three probes has a median of 0.82 in absolute value.
    assert np.median(np.abs(away)) < 1.3


def test_the_best_and_the_worst_are_drawn():
    table, curves, largest = density_frames(**CASES["usual"])
    assert set(table["role"].dropna()) == {"good", "bad"}
    assert (
        table.loc[table["role"] == "good", "test_accuracy"].item()
        == table["test_accuracy"][table["left_out"].isna()].max()
    )
    for role in ("good", "bad"):
        values = largest[largest["role"] == role]
        assert len(values) == TOP
        assert values["eigenvalue"].iloc[0] == table.loc[table["role"] == role, "largest"].item()
        curve = curves[curves["role"] == role]
        # It holds all eigenvalues but the largest.
        assert np.trapezoid(curve["density"], curve["eigenvalue"]) == pytest.approx(300 - TOP, rel=0.02)


def test_zeros_behind_a_short_probe_count_nothing():
    made = measurements(optimizers=("sgd",))
    padded = [
        run | {name: np.pad(run[name], ((0, 0), (0, 0), (0, 7))) for name in ("nodes", "weights")}
        for run in densities(made)
    ]
    plain, same = (density_table(made.labels, made.evaluations, runs)[0] for runs in (densities(made), padded))
    pd.testing.assert_frame_equal(plain, same)


def test_a_row_for_each_of_the_two():
    rows, note = cells(printed_density(density_frames()[0]))
    assert [row[0] for row in rows] == ["good", "bad"]
    assert note.startswith("Highest and lowest test accuracy among 48 solutions, none left out.")


def test_without_a_fitted_solution_the_tables_are_empty():
    table, curves, largest = density_frames(**CASES["nothing"])
    assert list(table["left_out"]) == ["diverged"]
    assert curves.empty
    assert largest.empty
