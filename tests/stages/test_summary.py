from lossbasins.reporting.formats import to_csv
from lossbasins.specs.summary import Inputs, Outputs, Spec
from lossbasins.stages import summary
from tests.reporting.drawings import claims_frame, volume_frames
from tests.stages.reports import context, outputs


def test_it_says_what_the_solutions_are_and_the_verdicts(tmp_path):
    points, claims = tmp_path / "points.csv", tmp_path / "claims.csv"
    points.write_text(to_csv(volume_frames()[0]))
    claims.write_text(to_csv(claims_frame()))
    written = outputs(Outputs, tmp_path, "summary")
    summary.run(Spec(comparisons=("volume",)), Inputs(points=(points,), claims=claims), written, context(tmp_path))
    lines = written.summary.read_text().splitlines()
    assert [line.partition(":")[0] for line in lines[:2]] == ["volume", "volume"]
    assert len(lines) == 2 + len(claims_frame())
