from lossbasins.reporting.formats import to_csv
from lossbasins.specs.two_layer_figure import Inputs, Outputs, Spec
from lossbasins.stages import two_layer_figure
from tests.reporting.two_layer import two_layer_frame
from tests.stages.reports import MANIFEST, context, outputs


def test_three_formats_that_carry_the_manifest_and_repeat_to_the_byte(tmp_path):
    inputs = Inputs(table=tmp_path / "table.csv")
    inputs.table.write_text(to_csv(two_layer_frame()))
    first, second = (outputs(Outputs, tmp_path, name) for name in ("first", "second"))
    for written in (first, second):
        two_layer_figure.run(Spec(), inputs, written, context(tmp_path))
    for name, start in (("pdf", b"%PDF"), ("svg", b"<?xml"), ("png", b"\x89PNG")):
        content = getattr(first, name).read_bytes()
        assert content.startswith(start)
        assert MANIFEST.encode() in content
        assert getattr(second, name).read_bytes() == content
