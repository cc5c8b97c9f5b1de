import numpy as np
import pytest
from matplotlib.colors import to_hex

from lossbasins.experiments.volumes.figure import volume_figure
from tests.experiments.volumes.frames import volume_frames
from tests.reporting.drawings import assert_readable
from tests.reporting.measurements import CASES, DATA

HOLLOW = "#ffffff"
MANIFEST = "0123456789abcdef" * 4


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_case_is_readable(case):
    assert_readable(volume_figure(*volume_frames(**case), 10, MANIFEST))


def marks(axes):
    """Face, area and position of each mark of a scatter plot."""
    return [
        (to_hex(group.get_facecolor()[0]), group.get_sizes()[0], *position)
        for group in axes.collections
        if len(group.get_offsets()) and len(group.get_facecolor())
        for position in group.get_offsets()
    ]


@pytest.mark.parametrize(("panel", "measure"), [(0, "log_inverse_volume"), (1, "frobenius_norm")])
def test_marks_are_the_points(panel, measure):
    points, table = volume_frames(**CASES["usual"])
    drawn = marks(volume_figure(points, table, 10, MANIFEST).axes[panel])
    shown = points[points["protocol"] == "raw"].dropna(subset=measure)
    expected = sorted(zip(shown[measure], 100 * shown["test_accuracy"], strict=True))
    np.testing.assert_allclose(sorted((x, y) for _, _, x, y in drawn), expected)
    unattacked = sorted(shown.loc[shown["attack"] == "none", measure])
    np.testing.assert_allclose(sorted(x for face, _, x, _ in drawn if face == HOLLOW), unattacked)


def test_marks_of_attacked_solutions_grow_and_darken_with_the_attack():
    points, table = volume_frames()
    drawn = marks(volume_figure(points, table, 10, MANIFEST).axes[0])
    looks = {(area, face) for face, area, _, _ in drawn if face != HOLLOW}
    brightness = [sum(int(face[i : i + 2], 16) for i in (1, 3, 5)) for _, face in sorted(looks)]
    assert len(looks) == 3
    assert brightness == sorted(brightness, reverse=True)


def test_there_is_a_row_of_panels_for_each_protocol():
    figure = volume_figure(*volume_frames(), 10, MANIFEST)
    titles = [axes.get_title(loc="left") for axes in figure.axes[::3]]
    assert [title.partition(":")[0] for title in titles] == ["raw", "interpolated", "matched"]


def test_correlations_lie_where_the_table_says():
    points, table = volume_frames(**CASES["a run left out"])
    forest = volume_figure(points, table, 10, MANIFEST).axes[2]
    rows = table[table["protocol"] == "raw"].dropna(subset="tau")
    drawn = [line.get_xdata()[0] for line in forest.lines[1:] if not np.isnan(line.get_xdata()[0])]
    np.testing.assert_allclose(sorted(drawn), sorted(rows["tau"]))
    counts = {text.get_text() for text in forest.texts} - {"not defined"}
    assert counts == {str(count) for count in table.loc[table["protocol"] == "raw", "solutions"]}


def test_a_group_too_small_is_not_defined():
    figure = volume_figure(*volume_frames(**CASES["one run"]), 10, MANIFEST)
    assert [text.get_text() for text in figure.axes[2].texts].count("not defined") == 4


def test_small_print_counts_those_left_out_and_names_data_and_manifest():
    words = " ".join(volume_figure(*volume_frames(**CASES["usual"]), 10, MANIFEST).texts[0].get_text().split())
    assert "48 solutions, 2 left out (1 diverged, 1 not fitted)" in words
    assert "Manifest 0123456789abcdef" in words
    assert f"Data: {DATA}." in words


def test_solutions_that_learnt_random_labels_are_told_apart():
    points, table = volume_frames(attacks=((0.0, 0), (0.05, 400), (float("nan"), 1), (float("nan"), 4)))
    figure = volume_figure(points, table, 10, MANIFEST)
    assert_readable(figure)
    faces = {
        text.get_text(): mark.get_markerfacecolor()
        for legend in figure.legends
        for mark, text in zip(legend.legend_handles, legend.get_texts(), strict=True)
    }
    assert faces["random labels, 1 copy"] != faces["random labels, 4 copies"]
