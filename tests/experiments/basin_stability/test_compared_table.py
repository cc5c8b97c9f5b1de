import pandas as pd

from lossbasins.experiments.basin_stability import compared_table as stage
from lossbasins.experiments.basin_stability.specs import ComparedSpec, CurveInputs
from lossbasins.reporting.formats import to_csv
from lossbasins.specs.files import Table
from tests.experiments.basin_stability.frames import comparisons, stability_frames
from tests.reporting.tables import read_back
from tests.stages.reports import context, outputs


def test_the_table_is_that_of_the_solutions_and_their_curves(tmp_path):
    frames = stability_frames()
    inputs = CurveInputs(table=tmp_path / "table.csv", curves=tmp_path / "curves.csv")
    for path, frame in zip((inputs.table, inputs.curves), frames, strict=True):
        path.write_text(to_csv(frame))
    written = outputs(Table, tmp_path, "compared")
    stage.run(ComparedSpec(seed=0, resamples=100), inputs, written, context(tmp_path))
    pd.testing.assert_frame_equal(pd.read_csv(written.csv), read_back(comparisons(*frames)))
    assert "bad / good" in written.md.read_text()
    assert written.tex.read_text().startswith(r"\begin{tabular}")
