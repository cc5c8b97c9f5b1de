import pandas as pd
import pytest

from lossbasins.experiments.volumes.sentences import sentences
from lossbasins.reporting.claims import NONE, claims_table
from lossbasins.reporting.sentences import AGAINST, Said
from lossbasins.reporting.summary import WIDTH, judgements, paragraphs, summary
from tests.experiments.volumes.frames import volume_frames
from tests.reporting.ledger import claims_frame
from tests.reporting.measurements import CASES


def ledger(*rows):
    """Places of one claim: verdict, value, low, high, rule."""
    names = ["verdict", "value", "low", "high", "rule"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(experiment="E6", claim="basins matter", where="raw", evidence="figures/volume.pdf")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_case_fits_on_a_screen(case):
    told = [("", said) for said in sentences(*volume_frames(**case))]
    text = summary(told, claims_frame(**case))
    assert text.count("\n") < 35
    assert max(map(len, text.splitlines())) <= WIDTH + 10
    assert "nan" not in text.lower()


def test_a_study_without_claims_says_so():
    none = claims_table([])
    assert summary([], none).endswith(f"\n\n{NONE}\n")


def test_there_is_a_sentence_for_the_question_each_protocol_and_what_speaks_against_it():
    told = [("", said) for said in sentences(*volume_frames())]
    lines = paragraphs(told, claims_frame())
    headings = [line.partition(":")[0] for line in lines[1:]]
    assert lines[0].endswith("?")
    assert headings == ["As trained", "Attack set fitted too", "Brought to one loss", "Against it"]


def test_experiments_share_the_sentence_of_a_protocol_and_entries_are_told_apart():
    told = [("volume-a", Said("raw", "x")), ("", Said("raw", "y")), ("", Said(AGAINST, "z"))]
    assert paragraphs(told, ledger())[1:] == ["As trained: volume-a, x; y.", "Against it: z."]


def test_what_is_not_supported_or_open_speaks_against():
    places = ledger(("not supported", 2.0, 1.0, 3.0, "< 0"), ("undecided", 0.0, -1.0, 1.0, "< 0"))
    assert paragraphs([], places)[1:] == [
        'Against it: not supported is "basins matter" (raw); 1 of 2 verdicts are undecided.'
    ]


@pytest.mark.parametrize(
    ("places", "verdict", "number"),
    [
        (
            [("supported", -2.0, -3.0, -1.0, "< 0"), ("supported", -2.5, -3.0, -0.5, "< 0")],
            "supported",
            "-2.5 [-3, -0.5]",
        ),
        ([("supported", 2.0, 1.0, 3.0, "> 0"), ("supported", 4.0, 0.5, 9.0, "> 0")], "supported", "4 [0.5, 9]"),
        (
            [("supported", -2.0, -3.0, -1.0, "< 0"), ("undecided", -1.0, -3.0, 1.0, "< 0")],
            "1 of 2 supported",
            "-1 [-3, 1]",
        ),
        (
            [("undecided", -1.0, -3.0, 9.0, "< 0"), ("not supported", 1.0, 0.5, 2.0, "< 0")],
            "0 of 2 supported, 1 not",
            "1 [0.5, 2]",
        ),
        ([("undecided", None, None, None, "< 0")], "not measured", ""),
        (
            [("undecided", None, None, None, "< 0"), ("supported", -2.0, -3.0, -1.0, "< 0")],
            "1 of 2 supported",
            "-2 [-3, -1]",
        ),
    ],
)
def test_places_share_a_row_with_the_number_where_the_claim_holds_least(places, verdict, number):
    (found,) = judgements(ledger(*places).astype({"value": float, "low": float, "high": float}))
    assert found == ("E6 basins matter", verdict, number, "volume")


def test_a_claim_shown_in_two_figures_has_two_rows():
    places = ledger(("supported", -2.0, -3.0, -1.0, "< 0"), ("undecided", -1.0, -3.0, 1.0, "< 0"))
    places["evidence"] = ["figures/volume-a.pdf", "figures/volume-b.pdf"]
    assert [found.figure for found in judgements(places)] == ["volume-a", "volume-b"]
