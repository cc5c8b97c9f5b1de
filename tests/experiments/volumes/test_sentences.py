import numpy as np

from lossbasins.experiments.volumes.sentences import accuracies, left_out
from tests.experiments.volumes.frames import volume_frames
from tests.reporting.measurements import CASES


def raw(**case):
    points, _ = volume_frames(**case)
    return points[points["protocol"] == "raw"].reset_index(drop=True)


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
