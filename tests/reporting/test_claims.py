import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossbasins.reporting.claims import NONE, claims_table, judge, measurement, printed_claims, settled_by, verdict
from lossbasins.reporting.correlation import kendall
from lossbasins.reporting.evidence import Evidence
from lossbasins.specs.claims import Rule
from tests.reporting.ledger import judged


@pytest.mark.parametrize(
    ("low", "high", "below", "above"),
    [
        (-0.5, -0.1, "supported", "not supported"),
        (-0.5, 0.1, "undecided", "undecided"),
        (0.1, 0.5, "not supported", "supported"),
        (0.0, 0.0, "not supported", "not supported"),
        (np.nan, np.nan, "undecided", "undecided"),
    ],
)
def test_the_whole_interval_decides(low, high, below, above):
    assert verdict(low, high, Rule(below=0)) == below
    assert verdict(low, high, Rule(above=0)) == above


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(-0.1, 0.2, "not supported"), (-0.3, 0.2, "undecided"), (-0.3, -0.1, "supported"), (np.nan, np.nan, "undecided")],
)
def test_an_interval_that_would_have_shown_it_and_does_not_is_no_support(low, high, expected):
    assert verdict(low, high, Rule(below=0, seen=0.2)) == expected


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(-1, 1))
def test_opposite_rules_are_never_both_supported(low, width, limit):
    verdicts = [verdict(low, low + width, rule) for rule in (Rule(below=limit), Rule(above=limit))]
    assert verdicts.count("supported") <= 1
    assert ("undecided" in verdicts) <= (low <= limit <= low + width)


@pytest.mark.parametrize(("fitted", "expected"), [(None, "undecided"), (2, "undecided"), (3, "supported")])
def test_too_few_fitted_solutions_decide_nothing(fitted, expected):
    found = Evidence("", -0.4, -0.6, -0.2, "95%", 12, 0.5, smallest=fitted)
    rule = Rule(below=0, fitted_at_least=3)
    assert judge(found, rule) == expected
    row = claims_table([(judged("batch_size", rule), [found])]).iloc[0]
    assert row["interval"] == ("95%" if fitted == 3 else f"{fitted or 0} fitted, 3 are asked for")
    assert np.isnan(row["settled_by"])


@pytest.mark.parametrize(
    ("found", "rule", "expected"),
    [
        (Evidence("", -0.1, -0.3, 0.1, "", 10, 0.5), Rule(below=0), 40),
        (Evidence("", -0.1, -0.3, 0.1, "", 10, 0.5), Rule(above=0), 40),
        (Evidence("", 0.0, 0.0, 0.3, "", 10, 1.0), Rule(below=0.1), 30),
        (Evidence("", -0.1, -0.3, 0.1, "", 10, 0.0), Rule(below=0), np.nan),
        (Evidence("", -0.5, -0.6, -0.4, "", 10, 0.5), Rule(below=0), np.nan),
        (Evidence("", np.nan, np.nan, np.nan, "", 1, 0.5), Rule(below=0), np.nan),
        (Evidence("", 0.0, -0.2, 0.2, "", 10, 0.5), Rule(below=0), np.nan),
        (Evidence("", 0.0, -0.4, 0.4, "", 10, 0.5), Rule(below=0, seen=0.2), 40),
        (Evidence("", -0.2, -0.4, 0.0, "", 10, 0.5), Rule(below=0), 11),
        (Evidence("", 0.5, 0.125, 2.0, "", 10, 0.5, ratio=True), Rule(below=1), 40),
        (Evidence("", 2.0, 0.5, 16.0, "", 10, 0.5, ratio=True), Rule(above=1), 40),
    ],
)
def test_what_is_undecided_says_how_many_would_decide_it(found, rule, expected):
    np.testing.assert_equal(settled_by(found, rule), expected)


def test_as_many_as_it_says_do_settle_a_tau():
    rng = np.random.default_rng(0)
    x, y = rng.multivariate_normal([0, 0], [[1, -0.4], [-0.4, 1]], 2000).T
    choices = {"resamples": 400, "confidence": 0.95, "smallest_group": 5, "rng": rng}
    few = kendall(x[:14], y[:14], **choices)
    found = Evidence("", few.tau, few.low, few.high, "", 14, 0.5)
    assert verdict(few.low, few.high, Rule(below=0)) == "undecided"
    enough = int(settled_by(found, Rule(below=0)) * 1.3)
    more = kendall(x[:enough], y[:enough], **choices)
    assert (more.high - more.low) / 2 < abs(few.tau)


def test_a_row_per_place_with_the_name_of_the_entry_before_it():
    judged_claims = [
        (
            judged("volume", Rule(below=0), entry="volume-svhn"),
            [
                Evidence("raw", -0.4, -0.6, -0.2, "95% (bootstrap)"),
                Evidence("matched", np.nan, np.nan, np.nan, "fewer than 5 solutions"),
            ],
        ),
        (judged("convex", Rule(below=1e-10)), [Evidence("square loss", 0.0, 0.0, 0.0, "largest of all")]),
        (judged("two_layer_bound", Rule(below=1)), [Evidence("", 2.0, 2.0, 2.0, "largest of all")]),
    ]
    table = claims_table(judged_claims)
    assert table["verdict"].tolist() == ["supported", "undecided", "supported", "not supported"]
    assert table["where"].tolist() == ["volume-svhn, raw", "volume-svhn, matched", "square loss", ""]
    assert table["evidence"].tolist() == [
        *["figures/volume-svhn.pdf"] * 2,
        "figures/convex.pdf",
        "figures/two_layer.pdf",
    ]
    assert [measurement(row) for _, row in table.iterrows()] == ["-0.4 [-0.6, -0.2]", "", "0", "2"]
    frame, columns, note = printed_claims(table)
    assert {column.name for column in columns} <= set(frame)
    assert note.startswith("2 supported, 1 not supported, 1 undecided.")


def test_a_ledger_without_evidence_is_empty():
    for empty in ([], [(judged("convex", Rule(below=1e-10)), [])]):
        table = claims_table(empty)
        assert isinstance(table, pd.DataFrame)
        assert printed_claims(table).note == NONE
