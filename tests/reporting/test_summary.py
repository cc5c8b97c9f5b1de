import numpy as np
import pytest

from lossbasins.reporting.summary import accuracies, left_out, rank_correlation, sharpness, summary, verdict
from tests.reporting.drawings import CASES, spectrum_frames, volume_frames


def raw(**case):
    points, _ = volume_frames(**case)
    return points[points["protocol"] == "raw"].reset_index(drop=True)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_case_has_a_line_for_each_protocol_and_measure(case):
    text = summary(spectrum_frames(**case)[0], {"volume-a": volume_frames(**case)})
    assert text.count("\n") == 3 + 3 * 2
    assert "nan" not in text.lower()


def test_spans_are_those_at_full_training_accuracy():
    points = raw()
    points.loc[0, ["test_accuracy", "train_accuracy"]] = 0.01, 0.998
    rest = 100 * points.loc[1:, "test_accuracy"]
    line = accuracies(points)
    assert f"{rest.min():.1f} to {rest.max():.1f} % (47 solutions), a span of {np.ptp(rest):.1f} points" in line


def test_no_solution_at_full_training_accuracy_is_said():
    points = raw()
    assert (
        accuracies(points.assign(train_accuracy=0.99)) == "Test accuracy: no solution reached 100 % training accuracy."
    )


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(-0.5, -0.1, "holds"), (-0.5, 0.1, "not shown"), (0.1, 0.5, "the opposite holds"), (np.nan, np.nan, "undecided")],
)
def test_a_verdict_follows_the_interval(low, high, words):
    assert verdict(low, high) == words


def test_correlations_are_told_apart_by_group():
    _, table = volume_frames()
    rows = table[(table["protocol"] == "raw") & (table["measure"] == "log_inverse_volume")].set_index("group")
    rows.loc["all", ["tau", "low", "high"]] = -0.7, -0.8, -0.6
    rows.loc["none", ["tau", "low", "high"]] = 0.3, 0.1, 0.5
    rows.loc["w0.2-n400", ["tau", "low", "high"]] = -0.3, -0.5, -0.1
    rows.loc[["w0.05-n400", "w0.5-n400"], ["tau", "low", "high"]] = 0.0, -0.5, 0.5
    line = rank_correlation(rows.reset_index(), "log inverse volume")
    assert "overall -0.70 [-0.80, -0.60] holds" in line
    assert "within the unattacked 0.30 [0.10, 0.50] the opposite holds" in line
    assert "within attack settings holds in 1 of 3" in line


def test_a_flatter_bad_solution_does_not_hold():
    table, _ = spectrum_frames()
    assert "sharper than the good one: holds" in sharpness(table)
    table.loc[table["role"] == "bad", "largest"] = 1e-3
    assert "sharper than the good one: does not hold" in sharpness(table)


def test_left_out_replicas_are_counted_with_reasons():
    assert left_out(raw(**CASES["usual"])) == "In the figure: 48 solutions, 2 left out (1 diverged, 1 not fitted)."
