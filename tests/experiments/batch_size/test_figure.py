import numpy as np
import pytest

from lossbasins.experiments.batch_size.figure import batch_size_figure
from tests.experiments.batch_size.frames import CASES, batch_size_frames
from tests.reporting.drawings import assert_readable

MANIFEST = "0123456789abcdef" * 4


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_case_is_readable(case):
    assert_readable(batch_size_figure(*batch_size_frames(**case), MANIFEST))


def test_dots_are_the_fitted_replicas_and_bars_the_intervals():
    points, table = batch_size_frames(**CASES["usual"])
    panels = batch_size_figure(points, table, MANIFEST).axes
    for axes, row in zip(panels, table.to_dict("records"), strict=True):
        *dots, bars_full, bars_mini, bars_attacked = sorted(axes.collections, key=lambda drawn: drawn.get_zorder())[
            ::-1
        ]
        fitted = points[(points["model"] == row["model"]) & (points["status"] == "ok")]
        drawn = np.concatenate([group.get_offsets()[:, 1] for group in dots])
        np.testing.assert_allclose(sorted(drawn), sorted(100 * fitted["test_accuracy"]))
        ends = sorted(
            tuple(100 * row[f"{group}_{end}"] for end in ("low", "high")) for group in ("full", "mini", "attacked")
        )
        bars = sorted(tuple(bar.get_segments()[0][:, 1]) for bar in (bars_full, bars_mini, bars_attacked))
        np.testing.assert_allclose(bars, ends)


def test_panels_name_models_as_the_paper_does_and_state_both_differences():
    points, table = batch_size_frames()
    titles = [axes.get_title(loc="left") for axes in batch_size_figure(points, table, MANIFEST).axes]
    assert [title.splitlines()[0] for title in titles] == ["mLeNet", "LeNet", "sNIN"]
    assert f"gap: {100 * table.loc[0, 'gap']:.1f} [" in titles[0]


def test_small_print_counts_those_left_out_and_names_the_manifest():
    figure = batch_size_figure(*batch_size_frames(**CASES["usual"]), MANIFEST)
    words = " ".join(figure.texts[0].get_text().split())
    assert "36 solutions, 2 left out (1 diverged, 1 not fitted)" in words
    assert "90% intervals" in words
    assert "Manifest 0123456789abcdef" in words
