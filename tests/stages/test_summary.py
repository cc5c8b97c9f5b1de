from lossbasins.reporting.formats import to_csv
from lossbasins.specs.summary import Inputs, Outputs, Spec
from lossbasins.stages import summary
from tests.reporting.drawings import spectrum_frames, volume_frames
from tests.stages.reports import context, outputs


def test_a_line_is_written_for_every_protocol_and_measure(tmp_path):
    paths = {name: tmp_path / f"{name}.csv" for name in ("spectrum", "points", "correlation")}
    for path, frame in zip(paths.values(), (spectrum_frames()[0], *volume_frames()), strict=True):
        path.write_text(to_csv(frame))
    inputs = Inputs(spectrum=paths["spectrum"], points=(paths["points"],), correlation=(paths["correlation"],))
    written = outputs(Outputs, tmp_path, "summary")
    summary.run(Spec(comparisons=("volume",)), inputs, written, context(tmp_path))
    text = written.summary.read_text()
    assert text.count("Kendall's tau") == 6
