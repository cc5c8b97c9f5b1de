import numpy as np
import pandas as pd

from lossbasins.experiments.density import table as stage
from lossbasins.experiments.density.specs import DensityInputs, DensityOutputs, DensitySpec
from lossbasins.stages.measured import write_arrays
from tests.experiments.density.frames import TOP, densities
from tests.reporting.measurements import measurements
from tests.stages.reports import context, outputs, write_measurements

NAMES = ("largest", "residuals", "nodes", "weights", "count")


def test_every_file_is_written(tmp_path):
    runs, paths = write_measurements(tmp_path, optimizers=("sgd",))
    files = tuple(tmp_path / f"density{run}.npz" for run in range(len(runs)))
    for file, run in zip(files, densities(measurements(optimizers=("sgd",))), strict=True):
        write_arrays(
            file, list(run["replica"]), NAMES, [{name: run[name][place] for name in NAMES} for place in range(4)]
        )
    written = outputs(DensityOutputs, tmp_path, "density")
    inputs = DensityInputs(evaluation=paths["evaluation"], spectral_density=files)
    stage.run(DensitySpec(runs=runs), inputs, written, context(tmp_path))
    assert len(pd.read_csv(written.csv)) == 16
    assert len(pd.read_csv(written.largest)) == 2 * TOP
    assert np.isfinite(pd.read_csv(written.curves)["density"]).all()
    assert "largest eigenvalue" in written.md.read_text()
