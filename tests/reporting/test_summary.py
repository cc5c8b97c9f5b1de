import pytest

from lossbasins.experiments.volumes.sentences import sentences
from lossbasins.reporting.summary import summary
from tests.experiments.volumes.frames import volume_frames
from tests.reporting.ledger import claims_frame
from tests.reporting.measurements import CASES


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_case_has_two_lines_for_its_solutions_and_one_for_each_verdict(case):
    told = [("volume-a", sentence) for sentence in sentences(volume_frames(**case)[0])]
    text = summary(told, claims_frame(**case))
    assert text.count("\n") == 2 + 1 + 3 * 2
    assert "nan" not in text.lower()


def test_a_verdict_is_said_with_what_it_rests_on():
    claims = claims_frame()
    line = summary([], claims[claims["name"] == "volume"][:1]).strip()
    row = claims[claims["name"] == "volume"].iloc[0]
    assert line.startswith("E6, solutions in larger basins generalise better (volume, raw): supported;")
    assert line.endswith(f"{row['value']:.3g} [{row['low']:.3g}, {row['high']:.3g}], to be < 0")
