import numpy as np
import pandas as pd
import pytest

from lossbasins.reporting.exploring import Explored, lines, measures_of, shown, solutions, under_protocols
from tests.reporting.measurements import measurements


def explored(made, run, **changes):
    """A run of made-up measurements as the page takes it."""
    label = made.labels[run]
    point = {
        "cell": f"{label['optimizer']} {label['attack']} trained",
        "optimizer": label["optimizer"],
        "attack": label["attack"],
        "folder": f"results/s/runs/{run}/trained",
        "polished": False,
        "loss": None,
        "evaluation": made.evaluations[run].assign(stop="fitted"),
        "values": [made.frobenius[run]],
        "spectrum": made.spectra[run],
    }
    return Explored(**point | changes)


@pytest.fixture(scope="module")
def made():
    return measurements(attacks=((0.0, 0), (0.5, 400)), statuses={(0, 1): "diverged"})


def test_each_solution_has_a_row_with_all_that_was_measured_of_it(made):
    frame = solutions([explored(made, run) for run in range(len(made.labels))], top=10)
    assert len(frame) == sum(map(len, made.evaluations))
    assert frame["id"].is_unique
    row = frame[frame["id"] == "results/s/runs/1/trained#2"].iloc[0]
    assert row["test_accuracy"] == made.evaluations[1]["test_accuracy"][2]
    assert row["frobenius"] == made.frobenius[1]["value"][2]
    largest = np.sort(made.spectra[1]["eigenvalues"][2])[::-1]
    assert row["log_inverse_volume"] == pytest.approx(np.log(largest[:10]).sum())
    assert row["largest"] == largest[0]
    assert frame.loc[frame["id"] == "results/s/runs/0/trained#1", ["frobenius", "largest"]].isna().all(axis=None)


def test_a_volume_that_is_a_measure_too_has_one_column(made):
    volume = made.frobenius[0].assign(measure="log_inverse_volume")
    frame = solutions([explored(made, 0, values=[made.frobenius[0], volume]), explored(made, 1)], top=10)
    assert frame["log_inverse_volume"].notna().sum() == 3 + 4
    assert not [name for name in frame.columns if name.endswith(("_x", "_y"))]


def test_protocols_keep_what_they_ask_for(made):
    loss = float(made.evaluations[0]["train_loss"].median())
    points = [explored(made, 0), explored(made, 1), explored(made, 0, folder="p", polished=True, loss=loss)]
    points.append(explored(made, 1, folder="q", polished=True, loss=None))
    rows = under_protocols(solutions(points, 10), attack_accuracy=0.95, gradient_norm=1.0, within=0.05)
    counts = rows["protocol"].value_counts()
    assert counts["raw"] == 8
    assert set(rows.loc[rows["protocol"] == "interpolated", "attack"]) == {"none"}
    matched = rows[rows["protocol"] == "matched"]
    assert set(matched["folder"]) == {"p"}
    assert (abs(matched["train_loss"] / loss - 1) <= 0.05).all()


def test_measures_over_more_than_a_decade_are_shown_as_logarithms():
    frame = pd.DataFrame(
        {
            "train_loss": [1e-3, 1.0],
            "weight_norm": [9.0, 11.0],
            "own_one": [-1.0, 99.0],
            "none": [None, None],
            "attack_loss": [None, 2.0],
        }
    )
    rows, titles = shown(frame, measures_of(frame))
    assert titles == {
        "log train_loss": "log10 training loss",
        "weight_norm": "weight norm",
        "own_one": "own one",
        "attack_loss": "attack loss",
    }
    assert rows["log train_loss"].tolist() == pytest.approx([-3, 0])


def test_lines_have_the_eigenvalues_that_are_positive_beyond_rounding():
    values = np.array([[2.0, 1.0, 1e-30, -1.0]])
    point = explored(measurements(attacks=((0.0, 0),)), 0, spectrum={"replica": np.array([7]), "eigenvalues": values})
    found = lines([point])
    assert found["id"].unique().tolist() == ["results/s/runs/0/trained#7"]
    assert found[["rank", "eigenvalue"]].to_numpy().tolist() == [[1, 2.0], [2, 1.0]]
