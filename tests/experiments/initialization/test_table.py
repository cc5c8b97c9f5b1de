import pandas as pd

from lossbasins.experiments.initialization import table as stage
from lossbasins.experiments.initialization.specs import InitializationOutputs, InitializationSpec
from lossbasins.specs.files import Evaluations
from tests.experiments.initialization.frames import CASES, initializations
from tests.stages.reports import context, outputs, run_of


def test_files_of_all_runs_become_one_row_per_initialisation(tmp_path):
    labels, evaluations, cases = initializations(**CASES["usual"])
    paths = tuple(tmp_path / f"{run}.csv" for run in range(len(labels)))
    for path, frame in zip(paths, evaluations, strict=True):
        frame.to_csv(path, index=False)
    written = outputs(InitializationOutputs, tmp_path, "initialization")
    spec = InitializationSpec(runs=tuple(run_of(label) for label in labels), cases=cases, confidence=0.9)
    stage.run(spec, Evaluations(evaluation=paths), written, context(tmp_path))
    table = pd.read_csv(written.csv)
    assert table["init"].tolist() == cases[0].inits
    assert table["solutions"].tolist() == [4, 4, 3, 4]
    assert len(pd.read_csv(written.points)) == 16
    assert pd.read_csv(written.spread)["best"].tolist() == ["he"]
    assert "no replication" in written.md.read_text()
    assert written.tex.read_text().startswith(r"\begin{tabular}")
