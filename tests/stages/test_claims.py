import pandas as pd

from lossbasins.reporting.formats import to_csv
from lossbasins.specs.claims import Inputs, Outputs, Rule, Spec
from lossbasins.stages import claims
from tests.reporting.drawings import spectrum_frames, volume_frames
from tests.stages.reports import context, outputs


def test_what_there_are_tables_of_is_judged(tmp_path):
    for name, frame in {"spectrum": spectrum_frames()[0], "volume": volume_frames()[1]}.items():
        (tmp_path / f"{name}.csv").write_text(to_csv(frame))
    paths = {
        name: (tmp_path / f"{name}.csv",) if name in ("spectrum", "volume") else ()
        for name in Inputs.__dataclass_fields__
    }
    written = outputs(Outputs, tmp_path, "claims")
    rules = {"spectrum": Rule(above=1), "volume": Rule(below=0), "starts": Rule(below=0.1)}
    claims.run(Spec(rules=rules, comparisons=("volume",)), Inputs(**paths), written, context(tmp_path))
    table = pd.read_csv(written.csv)
    assert table["experiment"].tolist() == ["E5"] + ["E6"] * 6
    assert table["verdict"].iloc[0] == "supported"
    assert "| E5 | bad minima" in written.md.read_text()
    assert written.tex.read_text().startswith(r"\begin{tabular}")
