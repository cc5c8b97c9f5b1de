from lossbasins.reporting.formats import to_csv
from lossbasins.specs.volume_figure import Inputs, Outputs, Spec
from lossbasins.stages import volume_figure
from tests.reporting.drawings import volume_frames
from tests.stages.reports import MANIFEST, context, outputs


def test_three_formats_that_carry_the_manifest_and_repeat_to_the_byte(tmp_path):
    frames = volume_frames()
    inputs = Inputs(**{name: tmp_path / f"{name}.csv" for name in Inputs.__dataclass_fields__})
    for name, frame in {"points": frames[0], "table": frames[1]}.items():
        getattr(inputs, name).write_text(to_csv(frame))
    first, second = (outputs(Outputs, tmp_path, name) for name in ("first", "second"))
    for written in (first, second):
        volume_figure.run(Spec(top=10), inputs, written, context(tmp_path))
    for name, start in (("pdf", b"%PDF"), ("svg", b"<?xml"), ("png", b"\x89PNG")):
        content = getattr(first, name).read_bytes()
        assert content.startswith(start)
        assert MANIFEST.encode() in content
        assert getattr(second, name).read_bytes() == content
