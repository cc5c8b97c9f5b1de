import pandas as pd

from lossbasins.reporting.formats import to_csv
from lossbasins.specs.claims import Inputs, Outputs, Spec
from lossbasins.stages import claims
from tests.experiments.spectrum.frames import spectrum_frames
from tests.experiments.volumes.frames import volume_frames
from tests.reporting.ledger import SPECTRUM, VOLUME
from tests.stages.reports import context, outputs


def test_each_claim_is_judged_by_its_table(tmp_path):
    tables = (tmp_path / "spectrum.csv", tmp_path / "volume.csv")
    for path, frame in zip(tables, (spectrum_frames()[0], volume_frames()[1]), strict=True):
        path.write_text(to_csv(frame))
    written = outputs(Outputs, tmp_path, "claims")
    claims.run(Spec(judged=(SPECTRUM, VOLUME)), Inputs(tables=tables), written, context(tmp_path))
    table = pd.read_csv(written.csv)
    assert table["experiment"].tolist() == ["E5"] + ["E6"] * 5
    assert table["verdict"].iloc[0] == "supported"
    assert table["where"].iloc[1] == "volume, raw"
    assert "| E5 | bad minima" in written.md.read_text()
    assert written.tex.read_text().startswith(r"\begin{tabular}")


def test_the_confidence_is_that_of_the_specification(tmp_path):
    (tmp_path / "spectrum.csv").write_text(to_csv(spectrum_frames()[0]))
    widths = []
    for confidence in (0.5, 0.99):
        written = outputs(Outputs, tmp_path, f"claims{confidence}")
        spec = Spec(judged=(SPECTRUM,), confidence=confidence)
        claims.run(spec, Inputs(tables=(tmp_path / "spectrum.csv",)), written, context(tmp_path))
        row = pd.read_csv(written.csv).iloc[0]
        assert row["interval"].startswith(f"{confidence:.0%}")
        widths.append(row["high"] - row["low"])
    assert widths[0] < widths[1]


def test_the_module_with_the_evidence_belongs_to_the_code():
    assert Spec(judged=(SPECTRUM, VOLUME)).modules() == {
        "lossbasins.experiments.spectrum.evidence",
        "lossbasins.experiments.volumes.evidence",
    }
