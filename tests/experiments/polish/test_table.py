import pandas as pd

from lossbasins.experiments.polish import table as stage
from lossbasins.experiments.polish.specs import PolishedInputs, PolishedSpec
from lossbasins.specs.files import Table
from lossbasins.specs.polish import Target
from tests.experiments.polish.polished import polished
from tests.stages.reports import context, outputs, run_of


def test_files_of_all_runs_become_one_table(tmp_path):
    labels, *frames = polished({(0, 1): "not_reached"})
    paths = {}
    for kind, runs in zip(("before", "after", "polish"), frames, strict=True):
        paths[kind] = tuple(tmp_path / f"{kind}{run}.csv" for run in range(len(runs)))
        for path, frame in zip(paths[kind], runs, strict=True):
            frame.to_csv(path, index=False)
    written = outputs(Table, tmp_path, "polish")
    spec = PolishedSpec(runs=tuple(run_of(label) for label in labels), target=Target(loss=0.001))
    stage.run(spec, PolishedInputs(**paths), written, context(tmp_path))
    table = pd.read_csv(written.csv)
    assert list(table.loc[:2, "polish"]) == ["reached", "not_reached", "reached"]
    assert list(table.loc[:2, "test_accuracy_after"]) == list(frames[1][0]["test_accuracy"])
    assert "L_S = 0.001" in written.md.read_text()
    assert written.tex.read_text().startswith(r"\begin{tabular}")
