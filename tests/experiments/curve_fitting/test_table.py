import json

import pandas as pd

from lossbasins.experiments.curve_fitting import table as stage
from lossbasins.experiments.curve_fitting.specs import CurveFittingOutputs, CurveFittingSpec
from lossbasins.specs.files import NoFiles
from tests.experiments.curve_fitting.curves import choices
from tests.stages.reports import context, outputs


def made(folder, stem="curve_fitting"):
    written = outputs(CurveFittingOutputs, folder, stem)
    small = choices(depths=(1,), orders=(3,), target_error=1e-2).model_dump()
    stage.run(CurveFittingSpec(**small, seeds=(1, 2)), NoFiles(), written, context(folder))
    return written


def test_every_file_is_written(tmp_path):
    written = made(tmp_path)
    table = pd.read_csv(written.csv)
    assert list(table["family"]) == ["network"] * 2 + ["attacked network"] * 2 + ["kernel"]
    assert list(table["replica"].dropna()) == [0, 1, 0, 1]
    assert set(pd.read_csv(written.curves)["curve"]) == {
        *("cubic", "training points", "attack points"),
        *map(str, table.index),
    }
    assert "| kernel " in written.md.read_text()
    assert written.tex.read_text().startswith(r"\begin{tabular}")


def test_a_second_run_gives_the_same_bytes(tmp_path):
    first, second = made(tmp_path, "first"), made(tmp_path, "second")
    assert first.curves.read_bytes() == second.curves.read_bytes()


def test_a_specification_is_read_back_from_its_json():
    spec = CurveFittingSpec(**choices().model_dump(), seeds=(1, 2))
    assert CurveFittingSpec.model_validate_json(json.dumps(spec.model_dump(mode="json"))) == spec
