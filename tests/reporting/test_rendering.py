import io
import re

import matplotlib as mpl
import pytest
from PIL import Image

from lossbasins.experiments.spectrum.figure import spectrum_figure
from lossbasins.reporting.rendering import rendered
from tests.experiments.spectrum.frames import spectrum_frames

FORMATS = ("pdf", "svg", "png")
MANIFEST = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def frames():
    return spectrum_frames()


def drawn(frames, file_format, manifest=MANIFEST):
    return rendered(spectrum_figure(*frames, 10, manifest), file_format, "A title", manifest)


@pytest.mark.parametrize("file_format", FORMATS)
def test_same_frames_same_bytes_whatever_the_users_settings(frames, file_format):
    first = drawn(frames, file_format)
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "yellow", "savefig.dpi": 50, "svg.hashsalt": "other"}):
        assert drawn(frames, file_format) == first
        assert mpl.rcParams["font.size"] == 20


@pytest.mark.parametrize("file_format", FORMATS)
def test_one_drawing_can_be_rendered_again(frames, file_format):
    figure = spectrum_figure(*frames, 10, MANIFEST)
    first = rendered(figure, file_format, "A title", MANIFEST)
    assert rendered(figure, file_format, "A title", MANIFEST) == first


def test_a_layout_holds_no_digits_that_depend_on_the_process(frames):
    for axes in spectrum_figure(*frames, 10, MANIFEST).axes:
        bounds = axes.get_position(original=True).bounds
        assert bounds == pytest.approx([round(edge, 6) for edge in bounds], abs=1e-14)


@pytest.mark.parametrize("file_format", ["pdf", "svg"])
def test_vector_files_carry_the_manifest_and_no_date(frames, file_format):
    content = drawn(frames, file_format)
    assert MANIFEST.encode() in content
    assert not re.search(rb"CreationDate|dc:date|20\d\d-\d\d-\d\d", content)


def test_png_carries_the_manifest_and_is_as_wide_as_in_print(frames):
    image = Image.open(io.BytesIO(drawn(frames, "png")))
    assert image.text["Manifest"] == MANIFEST
    assert image.width == 7 * 300
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
