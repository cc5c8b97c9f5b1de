import json

import pandas as pd

from lossbasins.specs.curve_fitting import Inputs, Outputs, Spec
from lossbasins.stages import curve_fitting
from tests.stages.reports import context, outputs
from tests.theory.curves import choices


def made(folder, stem="curve_fitting"):
    written = outputs(Outputs, folder, stem)
    small = choices(depths=(1,), orders=(3,), target_error=1e-2).model_dump()
    curve_fitting.run(Spec(**small, seeds=(1, 2)), Inputs(), written, context(folder))
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
    spec = Spec(**choices().model_dump(), seeds=(1, 2))
    assert Spec.model_validate_json(json.dumps(spec.model_dump(mode="json"))) == spec
