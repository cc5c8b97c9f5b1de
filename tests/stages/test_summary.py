from lossbasins.reporting.formats import to_csv
from lossbasins.specs.summary import Inputs, Outputs, Spec
from lossbasins.stages import summary
from tests.reporting.drawings import spectrum_frames, volume_frames
from tests.stages.reports import context, outputs


def test_five_lines_are_written(tmp_path):
    inputs = Inputs(spectrum=tmp_path / "s.csv", points=tmp_path / "p.csv", correlation=tmp_path / "c.csv")
    frames = (spectrum_frames()[0], *volume_frames())
    for path, frame in zip((inputs.spectrum, inputs.points, inputs.correlation), frames, strict=True):
        path.write_text(to_csv(frame))
    written = outputs(Outputs, tmp_path, "summary")
    summary.run(Spec(), inputs, written, context(tmp_path))
    lines = written.summary.read_text().splitlines()
    assert len(lines) == 5
    assert lines[-1] == "In the figures: 48 solutions, none left out."
