from lossbasins.reporting.curve_fitting import curve_table, fit_table
from lossbasins.reporting.formats import to_csv
from lossbasins.specs.curve_fitting_figure import Inputs, Outputs, Spec
from lossbasins.stages import curve_fitting_figure
from tests.stages.reports import MANIFEST, context, outputs
from tests.theory.curves import choices, fitted


def test_three_formats_that_carry_the_manifest_and_repeat_to_the_byte(tmp_path):
    frames = {"table": fit_table(fitted()), "curves": curve_table(choices(), fitted())}
    inputs = Inputs(**{name: tmp_path / f"{name}.csv" for name in frames})
    for name, frame in frames.items():
        getattr(inputs, name).write_text(to_csv(frame))
    first, second = (outputs(Outputs, tmp_path, name) for name in ("first", "second"))
    for written in (first, second):
        curve_fitting_figure.run(Spec(), inputs, written, context(tmp_path))
    for name, start in (("pdf", b"%PDF"), ("svg", b"<?xml"), ("png", b"\x89PNG")):
        content = getattr(first, name).read_bytes()
        assert content.startswith(start)
        assert MANIFEST.encode() in content
        assert getattr(second, name).read_bytes() == content
