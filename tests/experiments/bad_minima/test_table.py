import pandas as pd

from lossbasins.experiments.bad_minima import table as stage
from lossbasins.experiments.bad_minima.specs import MinimaInputs, MinimaSpec
from lossbasins.experiments.named import parse_attack
from lossbasins.specs.files import Table
from lossbasins.specs.runs import RunSpec
from tests.experiments.bad_minima.test_minima import made
from tests.stages.reports import context, outputs


def test_files_of_all_runs_become_one_table(tmp_path):
    labels, *frames = made()
    paths = {}
    for kind, runs in zip(("trained", "matched"), frames, strict=True):
        paths[kind] = tuple(tmp_path / f"{kind}{run}.csv" for run in range(len(runs)))
        for path, frame in zip(paths[kind], runs, strict=True):
            frame.to_csv(path, index=False)
    keys = ("dataset", "model", "init", "optimizer")
    spec = MinimaSpec(
        runs=tuple(
            RunSpec(**{key: label[key] for key in keys}, attack=parse_attack(label["attack"])) for label in labels
        )
    )
    assert [label["attack"] for label in spec.labels()] == ["none", "w0.1-n400", "random-r4"]
    written = outputs(Table, tmp_path, "bad_minima")
    stage.run(spec, MinimaInputs(**paths), written, context(tmp_path))
    table = pd.read_csv(written.csv)
    assert table["made"].value_counts().to_dict() == {"unattacked": 4, "attack term": 4, "random labels first": 4}
    assert written.md.read_text().startswith("| data")
    assert written.tex.read_text().startswith(r"\begin{tabular}")
