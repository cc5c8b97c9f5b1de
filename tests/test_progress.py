import io

import pytest
from rich.console import Console

from lossbasins import progress
from lossbasins.progress import Reporter


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_in_a_log_there_is_at_most_one_line_every_few_seconds(clock, capsys):
    reporter = Reporter("train", Console(file=io.StringIO(), force_terminal=False))
    for second in range(21):
        clock[0] = 100.0 + second
        reporter(f"epoch {second}", second / 40)
    reporter("starting anew")
    reporter.close()
    assert capsys.readouterr().err.splitlines() == [
        "train: epoch 0",
        "train: epoch 5, at most 35 s left",
        "train: epoch 10, at most 30 s left",
        "train: epoch 15, at most 25 s left",
        "train: epoch 20, at most 20 s left",
        "train: starting anew",
    ]


def test_on_a_terminal_there_is_a_bar(capsys):
    screen = io.StringIO()
    reporter = Reporter("train", Console(file=screen, force_terminal=True, width=80))
    reporter("epoch 3/10", 0.3)
    reporter.close()
    assert "epoch 3/10" in screen.getvalue()
    assert capsys.readouterr().err == ""
