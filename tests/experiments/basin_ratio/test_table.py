import pandas as pd

from lossbasins.experiments.basin_ratio import table as stage
from lossbasins.experiments.basin_ratio.specs import RatioInputs, RatioSpec
from lossbasins.reporting.formats import to_csv
from lossbasins.specs.files import Table
from tests.experiments.volumes.frames import under_protocols
from tests.reporting.measurements import measurements
from tests.stages.reports import context, outputs, write_measurements


def test_each_protocol_reads_its_own_spectra(tmp_path):
    runs, paths = write_measurements(tmp_path)
    (tmp_path / "matched").mkdir()
    _, sharper = write_measurements(tmp_path / "matched", parameters=200)
    points = tmp_path / "points.csv"
    points.write_text(to_csv(under_protocols(measurements())))
    inputs = RatioInputs(points=points, spectrum=paths["spectrum"], matched_spectrum=sharper["spectrum"])
    written = outputs(Table, tmp_path, "basin_ratio")
    stage.run(RatioSpec(runs=runs, below=0.9, largest_k=1000), inputs, written, context(tmp_path))
    table = pd.read_csv(written.csv)
    assert table.groupby("protocol")["k"].max().gt(1).any()
    assert table["protocol"].unique().tolist() == ["raw", "interpolated", "matched"]
    lines = written.md.read_text().splitlines()
    assert lines[2].startswith("| raw")
    assert "below 90% test accuracy" in lines[-1]
    assert written.tex.read_text().startswith(r"\begin{tabular}")
