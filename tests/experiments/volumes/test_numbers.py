import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lossbasins.experiments.volumes.numbers import correlations, frobenius_norms, points, printed_volume
from tests.reporting.measurements import ATTACKS, DATA, measurements
from tests.reporting.tables import cells

CHOICES = {"resamples": 300, "confidence": 0.95, "smallest_group": 5, "seed": 3}


def points_of(made, top=10):
    frame = points(made.labels, made.evaluations, made.spectra, made.frobenius, top)
    return frame.assign(protocol="raw")


def test_points_carry_what_was_measured_at_them():
    made = measurements(statuses={(0, 0): "diverged"})
    frame = points_of(made)
    second = frame.iloc[1]
    eigenvalues = made.spectra[0]["eigenvalues"][0]
    assert second["log_inverse_volume"] == pytest.approx(np.log(np.sort(eigenvalues)[-10:]).sum())
    assert second["frobenius_norm"] ** 2 == pytest.approx(made.frobenius[0]["value"][0])
    for name in ("train_loss", "gradient_norm", "weight_norm", "test_accuracy"):
        assert second[name] == made.evaluations[0][name][1]
    assert frame.loc[0, ["log_inverse_volume", "frobenius_norm", "standard_error"]].isna().all()
    assert list(frame.loc[0, ["log_inverse_volume_left_out", "frobenius_norm_left_out"]]) == ["diverged"] * 2


def test_standard_error_of_the_norm_is_the_spread_of_square_roots():
    squares = np.random.default_rng(0).normal(100, 4, 20000)
    row = frobenius_norms(pd.DataFrame({"replica": [0], "value": [100], "standard_error": [4.0]})).iloc[0]
    assert row["frobenius_norm"] == 10
    assert row["standard_error"] == pytest.approx(np.sqrt(squares).std(), rel=0.03)


@pytest.mark.parametrize(("square", "error"), [(0.0, 1.0), (-1.0, 1.0), (np.nan, 1.0), (4.0, np.inf)])
def test_an_unusable_estimate_leaves_out_the_norm_alone(square, error):
    made = measurements(("sgd",), ((0.0, 0),))
    made.frobenius[0].loc[1, ["value", "standard_error"]] = square, error
    frame = points_of(made)
    assert frame.loc[1, "frobenius_norm_left_out"] == "Frobenius estimate not finite and positive"
    assert np.isnan(frame.loc[1, "frobenius_norm"])
    assert pd.isna(frame.loc[1, "log_inverse_volume_left_out"])


def test_each_group_has_scipys_tau_of_its_own_points():
    frame = points_of(measurements(statuses={(1, 0): "not_fitted"}))
    table = correlations(frame, **CHOICES)
    fitted = frame[frame["status"] == "ok"]
    for row in table.to_dict("records"):
        if row["group"] in ("given_loss", "within"):
            continue
        members = fitted if row["group"] == "all" else fitted[fitted["attack"] == row["group"]]
        expected = stats.kendalltau(members[row["measure"]], members["test_accuracy"]).statistic
        assert row["tau"] == pytest.approx(expected)
        assert row["solutions"] == len(members)
    assert list(table["group"]) == ["all", "given_loss", "within", "none", "w0.05-n400", "w0.2-n400", "w0.5-n400"] * 2
    assert table.set_index(["measure", "group"]).loc[("frobenius_norm", "w0.05-n400"), "left_out"] == 1


def test_within_cells_pairs_of_one_cell_are_pooled():
    frame = points_of(measurements(replicas=6))
    table = correlations(frame, **CHOICES).set_index(["measure", "group"])
    concordant, ranked = 0.0, 0
    for _, cell in frame.groupby(["optimizer", "attack"]):
        pairs = len(cell) * (len(cell) - 1) / 2
        concordant += pairs * stats.kendalltau(cell["log_inverse_volume"], cell["test_accuracy"]).statistic
        ranked += pairs
    row = table.loc[("log_inverse_volume", "within")]
    assert row["tau"] == pytest.approx(concordant / ranked)
    assert row["low"] < row["tau"] < row["high"]
    assert row["shown"] < table.loc[("log_inverse_volume", "none"), "shown"]


def test_attack_strength_alone_correlates_overall_but_not_within_settings():
    frame = points_of(measurements(replicas=8))
    table = correlations(frame, **CHOICES).set_index(["measure", "group"])
    assert table.loc[("log_inverse_volume", "all"), "high"] < 0
    within = table.loc["log_inverse_volume"].drop(["all", "given_loss", "within"])
    assert (within["low"] < 0).all()
    assert (within["high"] > 0).all()


def test_a_new_attack_changes_no_other_groups_interval():
    few = correlations(points_of(measurements(("sgd",), ATTACKS[:2], replicas=8)), **CHOICES)
    many = correlations(points_of(measurements(("sgd",), ATTACKS, replicas=8)), **CHOICES)
    columns = ["tau", "low", "high"]
    one, other = (t.set_index(["measure", "group"]).loc[("log_inverse_volume", "none"), columns] for t in (few, many))
    pd.testing.assert_series_equal(one, other)


def test_an_empty_group_says_so():
    statuses = {(1, replica): "diverged" for replica in range(4)}
    frame = points_of(measurements(("sgd",), ATTACKS[:2], statuses=statuses))
    table = correlations(frame, **CHOICES).set_index(["measure", "group"])
    row = table.loc[("log_inverse_volume", "w0.05-n400")]
    assert np.isnan(row["tau"])
    assert (row["solutions"], row["left_out"], row["reason"]) == (0, 4, "fewer than 5 solutions")


def test_without_spectra_there_is_the_norm_alone():
    made = measurements()
    frame = points(made.labels, made.evaluations, [], made.frobenius, 10).assign(protocol="raw")
    assert "log_inverse_volume" not in frame
    assert set(correlations(frame, **CHOICES)["measure"]) == {"frobenius_norm"}


def test_a_row_per_group_with_numbers_or_the_reason():
    made = measurements(("sgd", "adam"), ATTACKS[:2], statuses={(1, replica): "not_fitted" for replica in range(4)})
    frame = points_of(made)
    table = correlations(frame, resamples=100, confidence=0.9, smallest_group=5, seed=0)
    rows, note = cells(printed_volume(frame, table, 10))
    assert [row[1] for row in rows] == ["all", "all, at fixed loss", "within cells", "unattacked", "w0.05-n400"]
    assert [row[2] for row in rows] == ["12", "12", "12", "8", "4"]
    assert rows[4][3] == rows[4][6] == "(fewer than 5 solutions)"
    assert "90% percentile intervals from 100 resamples" in note
    assert note.endswith(f" Data: {DATA}.")
    assert note.count("16 solutions, 4 left out (4 not fitted)") == 2
