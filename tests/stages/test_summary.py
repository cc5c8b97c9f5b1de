from lossbasins.reporting.formats import to_csv
from lossbasins.specs.summary import Inputs, Outputs, Spec, Told
from lossbasins.stages import summary
from tests.experiments.volumes.frames import volume_frames
from tests.reporting.ledger import claims_frame
from tests.stages.reports import context, outputs

VOLUME = Told(name="volume", module="lossbasins.experiments.volumes.sentences")


def test_it_says_what_the_solutions_are_and_the_verdicts(tmp_path):
    points, claims = tmp_path / "points.csv", tmp_path / "claims.csv"
    points.write_text(to_csv(volume_frames()[0]))
    claims.write_text(to_csv(claims_frame()))
    written = outputs(Outputs, tmp_path, "summary")
    summary.run(Spec(told=(VOLUME,)), Inputs(tables=(points,), claims=claims), written, context(tmp_path))
    lines = written.summary.read_text().splitlines()
    assert [line.partition(":")[0] for line in lines[:2]] == ["volume", "volume"]
    assert len(lines) == 2 + len(claims_frame())


def test_the_module_with_the_sentences_belongs_to_the_code():
    assert Spec(told=(VOLUME,)).modules() == {VOLUME.module}
