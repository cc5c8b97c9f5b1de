"""What all figures have in common, whatever they show."""

import dataclasses

import pytest

from lossbasins import catalogue
from lossbasins.experiments.convex.numbers import comparison_table, eigenvalue_table
from lossbasins.experiments.curve_fitting.numbers import curve_table, fit_table
from lossbasins.reporting.formats import to_csv
from lossbasins.specs.files import Drawing
from lossbasins.specs.modules import load
from tests.experiments.basin_ratio.frames import basin_frames
from tests.experiments.basin_stability.frames import stability_frames
from tests.experiments.batch_size.frames import batch_size_frames
from tests.experiments.convex.linear_models import comparisons
from tests.experiments.curve_fitting.curves import choices, fitted
from tests.experiments.density.frames import density_frames
from tests.experiments.guess_and_check.frames import table_frame
from tests.experiments.initialization.frames import initialization_frames
from tests.experiments.measures.frames import measures_frames
from tests.experiments.spectrum.frames import spectrum_frames
from tests.experiments.two_layer.frames import two_layer_frame
from tests.experiments.volumes.frames import volume_frames
from tests.stages.reports import MANIFEST, context, outputs

FIGURES = [
    stage for found in catalogue.experiments().values() for stage in found.stages if issubclass(stage.outputs, Drawing)
]
FRAMES = {
    "curve_fitting_figure": lambda: {"table": fit_table(fitted()), "curves": curve_table(choices(), fitted())},
    "batch_size_figure": lambda: dict(zip(("points", "table"), batch_size_frames(), strict=True)),
    "initialization_figure": lambda: dict(zip(("points", "table"), initialization_frames()[:2], strict=True)),
    "two_layer_figure": lambda: {"table": two_layer_frame()},
    "spectrum_figure": lambda: dict(zip(("table", "eigenvalues"), spectrum_frames(), strict=True)),
    "volume_figure": lambda: dict(zip(("points", "table"), volume_frames(), strict=True)),
    "landscapes_figure": lambda: {"points": [volume_frames()[0]] * 2, "tables": [volume_frames()[1]] * 2},
    "density_figure": lambda: dict(zip(("table", "curves", "largest"), density_frames(), strict=True)),
    "convex_figure": lambda: {
        "table": comparison_table(comparisons(), "9 of 9 images"),
        "eigenvalues": eigenvalue_table(comparisons()),
    },
    "basin_stability_figure": lambda: dict(zip(("table", "curves"), stability_frames(), strict=True)),
    "measures_figure": lambda: dict(zip(("table", "points", "ranks"), measures_frames()[:3], strict=True)),
    "guess_and_check_figure": lambda: {"table": table_frame()},
    "basin_ratio_figure": lambda: dict(zip(("ratio", "starts", "shares"), basin_frames(), strict=True)),
}
"""What each figure reads, by the names of its inputs; a list where there are several files of a name."""
SPECS = {"landscapes_figure": {"titles": ("digits", "digits again"), "protocols": ("raw", "matched")}}
FORMATS = (("pdf", b"%PDF"), ("svg", b"<?xml"), ("png", b"\x89PNG"))


@pytest.mark.parametrize("stage", FIGURES, ids=lambda stage: stage.name)
def test_three_formats_that_carry_the_manifest_and_repeat_to_the_byte(stage, tmp_path):
    frames, fields = FRAMES[stage.name](), dataclasses.fields(stage.inputs)
    spec = stage.spec(**({"top": 10} if "top" in stage.spec.model_fields else {}), **SPECS.get(stage.name, {}))
    inputs = stage.inputs(**{field.name: _written(frames[field.name], field.name, tmp_path) for field in fields})
    first, second = (outputs(stage.outputs, tmp_path, name) for name in ("first", "second"))
    for written in (first, second):
        load(stage.module).run(spec, inputs, written, context(tmp_path))
    for name, start in FORMATS:
        content = getattr(first, name).read_bytes()
        assert content.startswith(start)
        assert MANIFEST.encode() in content
        assert getattr(second, name).read_bytes() == content


def _written(frames, name, folder):
    if isinstance(frames, list):
        return tuple(_written(frame, f"{name}{place}", folder) for place, frame in enumerate(frames))
    path = folder / f"{name}.csv"
    path.write_text(to_csv(frames))
    return path
