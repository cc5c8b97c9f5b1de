import numpy as np
import pytest

from lossbasins.reporting.summary import accuracies, left_out, summary
from tests.reporting.drawings import CASES, claims_frame, volume_frames


def raw(**case):
    points, _ = volume_frames(**case)
    return points[points["protocol"] == "raw"].reset_index(drop=True)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_case_has_two_lines_for_its_solutions_and_one_for_each_verdict(case):
    text = summary({"volume-a": volume_frames(**case)[0]}, claims_frame(**case))
    assert text.count("\n") == 2 + 1 + 3 * 2
    assert "nan" not in text.lower()


def test_a_verdict_is_said_with_what_it_rests_on():
    claims = claims_frame()
    line = summary({}, claims[claims["name"] == "volume"][:1]).strip()
    row = claims[claims["name"] == "volume"].iloc[0]
    assert line.startswith("E6, solutions in larger basins generalise better (volume, raw): supported;")
    assert line.endswith(f"{row['value']:.3g} [{row['low']:.3g}, {row['high']:.3g}], to be < 0")


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


def test_left_out_replicas_are_counted_with_reasons():
    assert left_out(raw(**CASES["usual"])) == "In the figure: 48 solutions, 2 left out (1 diverged, 1 not fitted)."
