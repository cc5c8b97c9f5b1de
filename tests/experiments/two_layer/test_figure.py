import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lossbasins.experiments.two_layer.figure import FOLLOWED, SIDES, two_layer_figure
from tests.experiments.two_layer.frames import two_layer_frame
from tests.reporting.drawings import assert_readable
from tests.reporting.tables import read_back

MANIFEST = "0123456789abcdef" * 4
CASES = {
    "usual": {"statuses": {("relu", 1, 0): "not_fitted"}, "factors": (0.25, 0.5, 2.0, 4.0)},
    "all activations": {
        "activations": ("tanh", "softplus", "relu"),
        "attacks": ((0.0, 0), (0.5, 100), (1.0, 300)),
        "factors": (0.25, 0.5, 2.0, 4.0),
    },
    "one network": {"activations": ("relu",), "attacks": ((0.0, 0),), "replicas": 1},
    "no factor": {"factors": ()},
    "no network that can be rescaled": {"activations": ("tanh", "softplus")},
    "nothing": {
        "activations": ("relu",),
        "attacks": ((0.0, 0),),
        "replicas": 1,
        "statuses": {("relu", 0, 0): "diverged"},
    },
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_case_is_readable(case):
    assert_readable(two_layer_figure(read_back(two_layer_frame(**case)), MANIFEST))


def test_marks_on_the_left_are_the_solutions_as_trained():
    frame = two_layer_frame(**CASES["usual"])
    lines = two_layer_figure(frame, MANIFEST).axes[0].get_lines()
    trained = frame[(frame["rescaled"] == "none") & (frame["status"] == "ok")]
    for name, (marker, _) in SIDES.items():
        drawn = [value for line in lines if line.get_marker() == marker for value in line.get_xdata()]
        assert sorted(drawn) == sorted(trained[name]), name


@pytest.mark.parametrize(("panel", "nodes"), [(1, "all"), (2, "one")])
def test_lines_on_the_right_are_ratios_to_the_solution_as_trained(panel, nodes):
    frame = two_layer_frame(("relu",), ((0.0, 0),), replicas=1)
    lines = two_layer_figure(frame, MANIFEST).axes[panel].get_lines()
    assert len(lines) == len(FOLLOWED)
    rows = frame[frame["rescaled"] == nodes].set_index("factor")
    trained = frame[frame["rescaled"] == "none"].iloc[0]
    for line, name in zip(lines, FOLLOWED, strict=True):
        expected = [rows.loc[0.5, name] / trained[name], 1.0, rows.loc[2.0, name] / trained[name]]
        np.testing.assert_array_equal(line.get_xdata(), [0.5, 1.0, 2.0])
        np.testing.assert_allclose(line.get_ydata(), expected, rtol=1e-14)


def test_lines_differ_in_marker_dashes_and_brightness():
    looks = FOLLOWED.values()
    assert len({look["marker"] for look in looks}) == len({look["linestyle"] for look in looks}) == len(FOLLOWED)
    brightness = sorted(np.dot(to_rgb(look["color"]), (0.299, 0.587, 0.114)) for look in looks)
    assert min(np.diff(brightness)) > 0.1
