import numpy as np
import pandas as pd
import pytest
from sklearn.isotonic import IsotonicRegression

from lossbasins.experiments.basin_stability.returns import (
    ABOVE,
    BELOW,
    crossing,
    drawn_halves,
    half_radii,
    loss_at,
    monotone,
    printed_returns,
    return_curves,
)
from tests.experiments.basin_stability.frames import CHOICES, LOSS, RADII, solutions_and_curves, stability_frames
from tests.reporting.tables import cells

SOLUTION = {
    "dataset": "digits",
    "model": "mlenet",
    "init": "he",
    "optimizer": "sgd",
    "attack": "none",
    "replica": 0,
    "kind": "whole",
}


def test_monotone_shares_are_those_of_isotonic_regression():
    shares = np.random.default_rng(0).integers(0, 5, (50, 7)) / 4
    expected = [IsotonicRegression(increasing=False).fit_transform(np.arange(7), row) for row in shares]
    np.testing.assert_allclose(monotone(shares), expected, atol=1e-12)


def test_the_crossing_is_on_the_line_in_the_logarithm():
    radii = np.array([0.1, 1.0, 10.0])
    half, beyond = crossing(np.array([[1, 0.75, 0.25], [0.9, 0.5, 0.1], [1, 0.8, 0.5], [0.4, 0.2, 0]]), radii)
    np.testing.assert_allclose(half, [10**0.5, 1.0, 10.0, 0.1])
    assert list(beyond) == ["", "", ABOVE, BELOW]


def test_draws_hold_the_true_half_radius_as_often_as_they_say():
    """Shares of returns that fall as a logistic curve in log rho; the grid's lines add nothing to its centre."""
    rng = np.random.default_rng(0)
    radii = np.array(RADII)
    true = 0.3
    shares = 1 / (1 + (radii / true) ** 2)
    inside = 0
    for number in range(200):
        curve = pd.DataFrame({"radius": radii, "kicks": 8, "returned": rng.binomial(8, shares)})
        draws = drawn_halves(SOLUTION | {"replica": number}, curve, 400, 0)
        low, high = np.quantile(draws, [0.05, 0.95])
        inside += low <= true <= high
    assert 170 <= inside <= 195


def test_draws_are_those_of_one_solution_whatever_the_others():
    curve = pd.DataFrame({"radius": RADII, "kicks": 4, "returned": [4, 4, 3, 2, 1, 0]})
    first, same, other = (drawn_halves(SOLUTION | {"replica": replica}, curve, 50, 1) for replica in (0, 0, 1))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_the_loss_at_a_radius_is_that_of_the_power_law_between_medians():
    curve = pd.DataFrame({"radius": RADII, "kicked_loss": [3 * radius**2 for radius in RADII]})
    np.testing.assert_allclose(loss_at(np.array([0.05, 0.3, 1.6]), curve), 3 * np.array([0.05, 0.3, 1.6]) ** 2)


def test_returns_are_counted_on_both_sides_and_only_at_the_target_loss():
    made, evaluations, kicked, *_ = solutions_and_curves(optimizers=("sgd",), attacks=((0.1, 400),), replicas=1)
    start = evaluations[0]["test_accuracy"].iloc[0]
    frame = kicked[0].query("kind == 'whole' and radius == 0.05").reset_index(drop=True)
    frame["test_accuracy"] = start + np.array([0.02, -0.02, 0.021, 0.0])
    frame.loc[3, "descent"] = "not_reached"
    _, curves = return_curves(made.labels, evaluations, [frame], loss=LOSS, **CHOICES)
    (row,) = curves.to_dict("records")
    assert (row["kicks"], row["reached"], row["returned"]) == (4, 3, 2)
    assert row["change"] == pytest.approx(0.01)
    assert row["gradients"] == 80


def test_solutions_away_from_the_loss_are_left_out_with_the_reason():
    made, evaluations, kicked, *_ = solutions_and_curves(optimizers=("sgd",), statuses={(0, 0): "not_fitted"})
    evaluations[0].loc[1, "train_loss"] = 1.0
    frame, curves = return_curves(made.labels, evaluations, kicked, loss=LOSS, **CHOICES)
    assert frame["left_out"].dropna().tolist() == ["not fitted", "L_S not within 50% of 0.002"]
    assert frame.loc[:1, "role"].isna().all()
    assert not ((curves["run"] == 0) & curves["replica"].isin([0, 1])).any()
    table = half_radii(frame, curves, confidence=0.95, resamples=20, seed=0)
    assert table["half"].isna().sum() == 4


def test_good_ones_are_unattacked_and_bad_ones_attacked():
    *_, frame, _ = solutions_and_curves()
    good, bad = (frame[frame["role"] == role] for role in ("good", "bad"))
    assert len(good)
    assert len(bad)
    assert (good["attack"] == "none").all()
    assert (good["test_accuracy"] >= 0.9).all()
    assert (bad["attack"] != "none").all()
    assert (bad["test_accuracy"] < 0.9).all()
    error = np.sqrt(frame["test_accuracy"] * (1 - frame["test_accuracy"]) / 985)
    np.testing.assert_allclose(frame["test_error"], error)


def test_half_radii_are_where_the_drift_is_as_large_as_what_counts():
    table, _ = stability_frames(kicks=40)
    strong = table[table["attack_weight"] == 0.5]
    np.testing.assert_allclose(strong["half"], 0.02 / 0.17, rtol=0.3)
    assert ((strong["low"] <= strong["half"]) & (strong["half"] <= strong["high"])).all()
    assert (table.loc[table["attack"] == "none", "half"] > strong["half"].max()).all()


def test_print_has_one_row_for_each_setting_and_says_what_a_return_is():
    table, curves = stability_frames(statuses={(1, 0): "diverged"})
    rows, note = cells(printed_returns(table, curves, 0.02))
    assert len(rows) == 2 * 12
    assert rows[0][:4] == ["whole", "sgd", "none", "4"]
    assert "within 2 points" in note
    assert "1 left out (1 diverged)" in note
    assert "0 of " in note
