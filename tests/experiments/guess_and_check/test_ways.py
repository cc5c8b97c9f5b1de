import math

import pytest
import torch

from lossbasins.experiments.guess_and_check.ways import EQUAL_LOSS, FITS, TRAINED, Climb, descended, guessed
from tests.experiments.guess_and_check.tasks import task


def climbed(one, goal, run=0):
    climb = Climb(one, goal, run)
    found, shares = [], []
    while climb.sampler.climbing:
        found += climb.advance()
        shares.append(climb.done)
    return found, shares


def test_gradients_are_followed_to_three_levels_from_the_same_starts():
    one = task()
    goal, found = descended(one)
    assert {(row["way"], row["level"]) for row in found} == {
        (method, level) for method in ("adam", "sgd") for level in (FITS, EQUAL_LOSS, TRAINED)
    }
    fitted = [row for row in found if row["status"] == "ok"]
    assert len(fitted) > len(found) / 2
    assert all(row["margin"] > 0 for row in fitted)
    assert sorted(row["loss"] for row in fitted if row["level"] == FITS).count(goal) >= 1
    assert all(row["loss"] <= goal for row in fitted if row["level"] == EQUAL_LOSS)
    assert all(len(row["correct"]) == 1 for row in fitted)


def test_networks_that_do_not_fit_are_counted_without_values():
    goal, found = descended(task(30, steps=1, starts=3))
    assert goal is None
    assert {row["level"] for row in found} == {FITS, TRAINED}
    assert {row["status"] for row in found} == {"not_fitted"}
    assert all(math.isnan(row["loss"]) and len(row["correct"]) == 0 for row in found)


def test_guesses_are_made_where_there_are_few_images():
    one = task(6)
    (row,) = guessed(one)
    assert row["log_probability"] == math.log(len(row["correct"]) / row["draws"])
    assert row["margin"] > 0
    assert guessed(task(9)) == []


def test_guesses_that_find_nothing_say_so():
    (row,) = guessed(task(40, guessed=40, guesses=10))
    assert (row["status"], row["log_probability"]) == ("died_out", -math.inf)
    assert len(row["correct"]) == 0


def test_a_climb_is_looked_at_where_all_is_right_and_at_equal_loss():
    one = task()
    (fits, equal), shares = climbed(one, 0.3)
    assert (fits["level"], equal["level"]) == (FITS, EQUAL_LOSS)
    assert {row["status"] for row in (fits, equal)} == {"ok"}
    assert equal["log_probability"] < fits["log_probability"] < 0
    assert equal["loss"] <= 0.3 < fits["loss"]
    assert len(fits["correct"]) == len(equal["correct"]) == 200
    assert shares == sorted(shares)
    assert (shares[0] >= 0, shares[-1]) == (True, pytest.approx(1))


def test_without_a_goal_a_climb_ends_where_all_is_right():
    (fits,), shares = climbed(task(), None)
    assert fits["level"] == FITS
    assert shares[-1] == 1


def test_a_run_that_died_out_is_a_row_at_every_level_that_it_missed():
    found, _ = climbed(task(30, particles=2, moves=1), 1e-3)
    assert [row["level"] for row in found] == [FITS, EQUAL_LOSS]
    assert {row["status"] for row in found} == {"died_out"}
    assert {row["log_probability"] for row in found} == {-math.inf}
    assert all(len(row["correct"]) == 0 for row in found)


def test_runs_are_independent_and_repeat():
    one = task()
    first, again, other = (climbed(one, None, run)[0][0] for run in (0, 0, 1))
    assert torch.equal(first["correct"], again["correct"])
    assert first["log_probability"] != other["log_probability"]
