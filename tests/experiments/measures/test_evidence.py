import numpy as np
import pandas as pd
import pytest

from lossbasins.experiments.measures.evidence import beyond_norm, overwhelming, sampled
from lossbasins.experiments.measures.sentences import sentences
from lossbasins.reporting.claims import verdict
from lossbasins.reporting.sentences import AGAINST
from lossbasins.specs.claims import Rule
from tests.experiments.measures.frames import measures_frames


def differences(*ends, reason=None):
    """One row for each prior scale, with these intervals."""
    rows = [
        {"quantity": f"free_energy_{scale}", "role": "free energy", "group": "all", "median": (low + high) / 2}
        | {"low": low, "high": high, "band_low": low, "band_high": high, "reason": reason}
        for scale, (low, high) in enumerate(ends)
    ]
    return pd.DataFrame(rows).assign(confidence=0.95, band=0.9, good=4, bad=6)


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ([(1, 3), (2, 4), (1, 2)], "supported"),
        ([(1, 3), (-1, 4), (1, 2)], "undecided"),
        ([(1, 3), (2, 4), (-3, -1)], "not supported"),
        ([(1, 3), (np.nan, np.nan), (1, 2)], "undecided"),
    ],
)
def test_bad_basins_are_smaller_if_they_are_at_every_scale_and_not_if_they_are_not_at_one(ends, expected):
    (found,) = sampled(differences(*ends), 0.95)
    assert verdict(found.low, found.high, Rule(above=0)) == expected


def test_overwhelmingly_asks_it_of_nearly_every_pair():
    (found,) = overwhelming(differences((11, 30), (9, 30)), 0.95)
    assert (found.low, found.high) == (9, 30)


def test_what_is_missing_says_why():
    (found,) = sampled(differences((np.nan, np.nan), reason="not measured"), 0.95)
    assert found.interval == "free_energy_0: not measured"


def row(low, high, corrected):
    return pd.DataFrame(
        [
            {"measure": "free_energy", "protocol": "matched", "primary": True, "beyond_norm": (low + high) / 2}
            | {"beyond_norm_low": low, "beyond_norm_high": high, "beyond_norm_reason": "few"}
            | {"beyond_norm_corrected": corrected, "confidence": 0.95, "solutions": 30, "left_out": 0}
        ]
    )


@pytest.mark.parametrize(
    ("low", "high", "corrected", "expected"),
    [
        (-0.5, -0.1, 0.01, "supported"),
        (-0.5, -0.1, 0.2, "undecided"),
        (-0.1, 0.2, 0.9, "not supported"),
        (-0.6, 0.2, 0.9, "undecided"),
        (np.nan, np.nan, np.nan, "undecided"),
    ],
)
def test_volume_explains_more_after_correction_and_not_where_enough_would_have_shown_it(low, high, corrected, expected):
    (found,) = beyond_norm(row(low, high, corrected), 0.95)
    assert verdict(found.low, found.high, Rule(below=0, seen=0.2)) == expected


def test_the_summary_tells_the_primary_test_where_there_is_one():
    table = measures_frames(optimizers=("sgd", "adam"), failed=1)[0]
    (protocol, text), (against, better) = sentences(table)
    assert protocol == "matched"
    assert text.startswith("the primary test, of free_energy within cells of ")
    assert against == AGAINST
    assert better.endswith("order solutions better than |w|")
    none = measures_frames(measures=("frobenius",), optimizers=("sgd",))[0]
    assert [about for about, _ in sentences(none)] == [AGAINST]
    assert beyond_norm(none, 0.95) == []
