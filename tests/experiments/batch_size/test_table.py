import pandas as pd

from lossbasins.experiments.batch_size import table as stage
from lossbasins.experiments.batch_size.specs import BatchSizeSpec
from lossbasins.specs.files import Evaluations, TableWithPoints
from tests.experiments.batch_size.frames import CASES, CHOICES, batch_sizes
from tests.stages.reports import context, outputs, run_of


def test_files_of_all_runs_become_one_row_per_model(tmp_path):
    labels, evaluations = batch_sizes(**CASES["usual"])
    paths = tuple(tmp_path / f"{run}.csv" for run in range(len(labels)))
    for path, frame in zip(paths, evaluations, strict=True):
        frame.to_csv(path, index=False)
    written = outputs(TableWithPoints, tmp_path, "batch_size")
    spec = BatchSizeSpec(runs=tuple(run_of(label) for label in labels), **dict(CHOICES))
    stage.run(spec, Evaluations(evaluation=paths), written, context(tmp_path))
    points, table = pd.read_csv(written.points), pd.read_csv(written.csv)
    assert len(points) == 36
    assert table["model"].tolist() == ["mlenet", "lenet", "snin"]
    assert table["full_solutions"].tolist() == [3, 4, 4]
    assert "full - mini" in written.md.read_text()
    assert written.tex.read_text().startswith(r"\begin{tabular}")
