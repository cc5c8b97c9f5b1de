import numpy as np
import pytest

from lossbasins.experiments.spectrum.figure import BINS, spectrum_figure
from tests.experiments.spectrum.frames import spectrum_frames
from tests.reporting.drawings import assert_readable
from tests.reporting.measurements import CASES, DATA

MANIFEST = "0123456789abcdef" * 4


@pytest.mark.parametrize("case", ["usual", "a run left out", "one solution", "nothing"])
def test_every_case_is_readable(case):
    assert_readable(spectrum_figure(*spectrum_frames(**CASES[case]), 10, MANIFEST))


def test_what_is_drawn_is_what_the_tables_say():
    table, eigenvalues = spectrum_frames()
    figure = spectrum_figure(table, eigenvalues, 10, MANIFEST)
    whole, around_zero, largest = figure.axes
    for position, role in enumerate(("good", "middling", "bad")):
        values = eigenvalues.loc[eigenvalues["role"] == role, "eigenvalue"]
        np.testing.assert_array_equal(largest.lines[position].get_ydata(), np.sort(values)[::-1][:10])
        assert whole.lines[position].get_ydata().sum() == len(values)
        assert around_zero.lines[position].get_ydata().sum() < len(values)


def test_zero_is_an_edge_between_bins():
    assert BINS % 2 == 0


def test_legend_states_accuracy_loss_and_negative_eigenvalues():
    table, eigenvalues = spectrum_frames()
    figure = spectrum_figure(table, eigenvalues, 10, MANIFEST)
    good = table[table["role"] == "good"].iloc[0]
    text = figure.legends[0].get_texts()[0].get_text()
    assert text.startswith(f"good: test accuracy {100 * good['test_accuracy']:.1f} %, $L_S$ = {good['train_loss']:.2g}")
    assert text.endswith(f"{good['negative']:.0f} of 300 negative ({100 * good['negative'] / 300:.1f} %)")


def test_small_print_counts_those_left_out_and_names_data_and_manifest():
    figure = spectrum_figure(*spectrum_frames(**CASES["usual"]), 10, MANIFEST)
    words = " ".join(figure.texts[0].get_text().split())
    assert "48 solutions, 2 left out (1 diverged, 1 not fitted)" in words
    assert "Manifest 0123456789abcdef" in words
    assert f"Data: {DATA}." in words
