from lossbasins.reporting.formats import to_csv
from lossbasins.specs.basin_ratio_figure import Inputs, Outputs, Spec
from lossbasins.stages import basin_ratio_figure
from tests.reporting.drawings import basin_frames
from tests.stages.reports import MANIFEST, context, outputs


def test_three_formats_that_carry_the_manifest(tmp_path):
    inputs = Inputs(**{name: tmp_path / f"{name}.csv" for name in ("ratio", "starts", "shares")})
    for path, frame in zip((inputs.ratio, inputs.starts, inputs.shares), basin_frames(), strict=True):
        path.write_text(to_csv(frame))
    written = outputs(Outputs, tmp_path, "basin_ratio")
    basin_ratio_figure.run(Spec(), inputs, written, context(tmp_path))
    for name, start in (("pdf", b"%PDF"), ("svg", b"<?xml"), ("png", b"\x89PNG")):
        content = getattr(written, name).read_bytes()
        assert content.startswith(start)
        assert MANIFEST.encode() in content
