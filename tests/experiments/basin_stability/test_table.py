import pandas as pd

from lossbasins.experiments.basin_stability import table as stage
from lossbasins.experiments.basin_stability.specs import ReturnInputs, ReturnOutputs, ReturnSpec
from tests.experiments.basin_stability.frames import CHOICES, LOSS, solutions_and_curves
from tests.stages.reports import context, outputs, run_of


def test_files_of_all_runs_become_a_table_and_its_curves(tmp_path):
    made, evaluations, kicks, frame, curves = solutions_and_curves(optimizers=("sgd",))
    files = {}
    for kind, frames in (("evaluation", evaluations), ("kicks", kicks)):
        files[kind] = tuple(tmp_path / f"{kind}{run}.csv" for run in range(len(frames)))
        for path, each in zip(files[kind], frames, strict=True):
            each.to_csv(path, index=False)
    runs = tuple(run_of(label) for label in made.labels)
    spec = ReturnSpec(runs=runs, loss=LOSS, seed=0, resamples=50, **CHOICES)
    written = outputs(ReturnOutputs, tmp_path, "basin_stability")
    stage.run(spec, ReturnInputs(**files), written, context(tmp_path))
    table = pd.read_csv(written.csv)
    assert len(table) == 2 * len(frame)
    assert len(pd.read_csv(written.curves)) == len(curves)
    assert "within 2 points" in written.md.read_text()
    assert written.tex.read_text().startswith(r"\begin{tabular}")
