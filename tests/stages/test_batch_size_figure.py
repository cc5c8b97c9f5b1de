from lossbasins.reporting.formats import to_csv
from lossbasins.specs.batch_size_figure import Inputs, Outputs, Spec
from lossbasins.stages import batch_size_figure
from tests.reporting.accuracies import batch_size_frames
from tests.stages.reports import MANIFEST, context, outputs


def test_three_formats_that_carry_the_manifest_and_repeat_to_the_byte(tmp_path):
    inputs = Inputs(points=tmp_path / "points.csv", table=tmp_path / "table.csv")
    for path, frame in zip((inputs.points, inputs.table), batch_size_frames(), strict=True):
        path.write_text(to_csv(frame))
    first, second = (outputs(Outputs, tmp_path, name) for name in ("first", "second"))
    for written in (first, second):
        batch_size_figure.run(Spec(), inputs, written, context(tmp_path))
    for name, start in (("pdf", b"%PDF"), ("svg", b"<?xml"), ("png", b"\x89PNG")):
        content = getattr(first, name).read_bytes()
        assert content.startswith(start)
        assert MANIFEST.encode() in content
        assert getattr(second, name).read_bytes() == content
