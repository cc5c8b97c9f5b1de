import pandas as pd

from lossbasins.experiments.basin_ratio import starts_table
from lossbasins.experiments.basin_ratio.specs import StartsOutputs, StartsSpec
from lossbasins.specs.files import Evaluations
from tests.stages.reports import context, outputs, write_measurements


def test_every_start_is_a_row_and_the_shares_are_printed(tmp_path):
    runs, paths = write_measurements(tmp_path, attacks=((0.0, 0),), statuses={(1, 2): "diverged"})
    written = outputs(StartsOutputs, tmp_path, "starts")
    spec, inputs = StartsSpec(runs=runs, below=0.9), Evaluations(evaluation=paths["evaluation"])
    starts_table.run(spec, inputs, written, context(tmp_path))
    assert len(pd.read_csv(written.starts)) == 12
    assert pd.read_csv(written.csv)["starts"].tolist() == [11, 4, 3, 4]
    text = written.md.read_text()
    assert "12 solutions, 1 left out (1 diverged)" in text
    assert "upper bound (95%)" in text
    assert written.tex.read_text().startswith(r"\begin{tabular}")
