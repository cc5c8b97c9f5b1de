import json
import math

import pytest
from gpu_steps.report import AtLeast, AtMost, Report, Yes, as_values, table


@pytest.fixture
def rows():
    return []


@pytest.fixture
def report(rows):
    return Report(rows.append, pretended=False)


@pytest.mark.parametrize(
    ("value", "goal", "met"),
    [
        (1e-6, AtMost(1e-5), True),
        (2e-5, AtMost(1e-5), False),
        (math.nan, AtMost(1e-5), False),
        (12.0, AtLeast(10), True),
        (9.9, AtLeast(10), False),
        (True, Yes(), True),
        (False, Yes(), False),
        (None, Yes(), False),
        (3.0, None, None),
    ],
)
def test_a_goal_is_met_or_missed(value, goal, met, report, rows):
    report("number", value, goal=goal)
    assert rows[0].met is met


def test_infinite_numbers_are_still_json(report, rows):
    report("loss", math.inf)
    assert json.loads(json.dumps(as_values(rows), allow_nan=False))[0]["value"] == "inf"


def test_a_rehearsal_measures_nothing_that_only_a_gpu_can_tell(rows):
    report = Report(rows.append, pretended=True)
    report("error", 0.5, goal=AtMost(1))
    report.measured("speed", 1.0, "images/s", AtLeast(10), note="fast")
    assert [(row.value, row.goal, row.met, row.note) for row in rows] == [
        (0.5, "<= 1", True, ""),
        (None, ">= 10", None, ""),
    ]


def test_an_attempt_that_fails_is_a_row_and_no_end(report, rows, capsys):
    with report.attempt("matrix"):
        raise MemoryError("no room\nfor it")
    assert (rows[0].what, rows[0].value, rows[0].note, rows[0].met) == (
        "matrix: error",
        "MemoryError",
        "no room",
        False,
    )
    assert "Traceback" in capsys.readouterr().err


def test_the_table_has_each_step_with_its_rows(report, rows):
    report("speed", 123456.7, "images/s", AtLeast(10))
    report("same bytes", False, goal=Yes(), note="peak 3 MiB")
    step = {
        "name": "stages",
        "state": "failed",
        "error": "Traceback\n  ...\nValueError: no",
        "seconds": 3.2,
        "limit": 60,
    }
    assert table([step | {"rows": as_values(rows)}]).splitlines()[2:] == [
        "| **stages** | 3 s of 60 | | failed: ValueError: no |",
        "| speed | 123,457 images/s | >= 10 met |  |",
        "| same bytes | no | yes MISSED | peak 3 MiB |",
    ]
