from lossbasins.reporting.convex import comparison_table, eigenvalue_table
from lossbasins.reporting.formats import to_csv
from lossbasins.specs.convex_figure import Inputs, Outputs, Spec
from lossbasins.stages import convex_figure
from tests.stages.reports import MANIFEST, context, outputs
from tests.theory.linear_models import comparisons


def test_three_formats_that_carry_the_manifest_and_repeat_to_the_byte(tmp_path):
    made = comparisons()
    frames = {"table": comparison_table(made, "9 of 9 images"), "eigenvalues": eigenvalue_table(made)}
    inputs = Inputs(**{name: tmp_path / f"{name}.csv" for name in frames})
    for name, frame in frames.items():
        getattr(inputs, name).write_text(to_csv(frame))
    first, second = (outputs(Outputs, tmp_path, name) for name in ("first", "second"))
    for written in (first, second):
        convex_figure.run(Spec(), inputs, written, context(tmp_path))
    for name, start in (("pdf", b"%PDF"), ("svg", b"<?xml"), ("png", b"\x89PNG")):
        content = getattr(first, name).read_bytes()
        assert content.startswith(start)
        assert MANIFEST.encode() in content
        assert getattr(second, name).read_bytes() == content
