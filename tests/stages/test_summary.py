from lossbasins.reporting.formats import to_csv
from lossbasins.specs.summary import Inputs, Outputs, Spec, Told
from lossbasins.stages import summary
from tests.experiments.volumes.frames import volume_frames
from tests.reporting.ledger import claims_frame
from tests.stages.reports import context, outputs

VOLUME = Told(name="volume", module="lossbasins.experiments.volumes.sentences", tables=2)


def test_it_says_what_came_out_and_the_verdicts(tmp_path):
    tables, claims = (tmp_path / "points.csv", tmp_path / "volume.csv"), tmp_path / "claims.csv"
    for path, frame in zip(tables, volume_frames(), strict=True):
        path.write_text(to_csv(frame))
    claims.write_text(to_csv(claims_frame()))
    written = outputs(Outputs, tmp_path, "summary")
    summary.run(Spec(told=(VOLUME,)), Inputs(tables=tables, claims=claims), written, context(tmp_path))
    text = written.summary.read_text()
    assert "As trained: solutions in smaller basins generalise worse: tau " in text
    assert "E5 bad minima have larger" in text


def test_the_module_with_the_sentences_belongs_to_the_code():
    assert Spec(told=(VOLUME,)).modules() == {VOLUME.module}
