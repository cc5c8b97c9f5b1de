import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lossbasins.experiments.guess_and_check.numbers import count_table, died_out_note, jackknife, printed_counts
from lossbasins.reporting.formats import to_latex, to_markdown
from lossbasins.reporting.welch import difference, mean
from tests.experiments.guess_and_check.frames import CHOICES, SPEC, TESTED, counted, table_frame


def row(table, way, level, images=4):
    (found,) = table[(table["way"] == way) & (table["level"] == level) & (table["images"] == images)].to_dict("records")
    return found


def of(frame, way, level):
    return frame[(frame["way"] == way) & (frame["level"] == level)]


def test_the_jackknife_of_a_mean_is_its_values():
    values = np.array([1.0, 4.0, 2.0, 9.0])
    np.testing.assert_allclose(jackknife(lambda counted: float((counted * values).sum() / counted.sum()), 4), values)


def test_the_jackknife_of_a_logarithm_agrees_with_the_delta_method():
    values = np.random.default_rng(1).normal(10, 0.1, 50)
    found = jackknife(lambda counted: float(np.log((counted * values).sum() / counted.sum())), 50)
    assert found.mean() == pytest.approx(math.log(values.mean()))
    assert found.std(ddof=1) == pytest.approx(values.std(ddof=1) / values.mean(), rel=0.02)


def test_the_jackknife_has_no_spread_where_one_run_decides():
    assert list(jackknife(lambda counted: float(counted[0] or np.inf), 3)) == [1.0]
    assert jackknife(lambda _: np.nan, 3).size == 0


def test_runs_count_with_the_volume_that_they_estimate():
    ways, nets = counted(4)
    volume = of(ways, "volume", "fits")
    weights = np.exp(volume["log_probability"].to_numpy())
    accuracies = of(nets, "volume", "fits")["correct"] / TESTED
    by_run = [accuracies[of(nets, "volume", "fits")["run"] == run] for run in volume["run"]]
    found = row(count_table((4,), [ways], [nets], CHOICES), "volume", "fits")
    assert found["log_volume"] == pytest.approx(np.log(weights.mean()))
    assert found["accuracy"] == pytest.approx(np.average([run.mean() for run in by_run], weights=weights))
    share = np.average([(run < 0.6).mean() for run in by_run], weights=weights)
    assert found["bad"] == pytest.approx(share)
    assert found["log_odds"] == pytest.approx(stats.logistic.ppf(share))
    assert found["effective_runs"] == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    for name in ("log_volume", "accuracy", "log_odds"):
        assert found[f"{name}_low"] < found[name] < found[f"{name}_high"]
    assert 0 <= found["bad_low"] < found["bad"] < found["bad_high"] <= 1


def test_a_run_that_died_out_counts_as_no_volume():
    ways, nets = counted(4, died=1)
    found = row(count_table((4,), [ways], [nets], CHOICES), "volume", "fits")
    left = of(ways, "volume", "fits")["log_probability"][lambda values: np.isfinite(values)]
    assert (found["found"], found["tried"]) == (3, 4)
    assert found["log_volume"] == pytest.approx(np.log(np.exp(left).sum() / 4))
    accuracies = of(nets, "volume", "fits")["correct"] / TESTED
    assert accuracies.min() < found["accuracy"] < accuracies.max()


def test_where_all_runs_died_out_there_is_no_value_and_the_note_says_so():
    table = table_frame(died=4)
    found = row(table, "volume", "fits")
    assert (found["found"], found["effective_runs"]) == (0, 0)
    assert all(math.isnan(found[name]) for name in ("log_volume", "accuracy", "bad", "log_odds"))
    assert math.isnan(row(table, "adam", "equal loss")["difference"])
    assert "4 of 4 before fits, 4 images; 4 of 4 before equal loss, 4 images" in died_out_note(table)
    assert died_out_note(table_frame()) == "No run of sequential Monte Carlo died out"


def test_guesses_have_exact_intervals():
    ways, nets = counted(4)
    found = row(count_table((4,), [ways], [nets], CHOICES), "guesses", "fits")
    exact = stats.binomtest(40, 1000).proportion_ci(0.95)
    assert (found["found"], found["tried"]) == (40, 1000)
    assert found["log_volume"] == pytest.approx(math.log(0.04))
    assert [found["log_volume_low"], found["log_volume_high"]] == pytest.approx(np.log([exact.low, exact.high]))


def test_guesses_that_found_nothing_have_no_value():
    ways, nets = counted(4)
    nets = nets[nets["way"] != "guesses"]
    found = row(count_table((4,), [ways], [nets], CHOICES), "guesses", "fits")
    assert (found["found"], found["tried"]) == (0, 1000)
    assert all(math.isnan(found[name]) for name in ("log_volume", "accuracy", "bad"))


def test_gradients_are_set_beside_the_volume_at_their_level():
    ways, nets = counted(4, not_fitted=1)
    table = count_table((4,), [ways], [nets], CHOICES)
    for level, beside in (("fits", "fits"), ("trained", "fits"), ("equal loss", "equal loss")):
        found = row(table, "adam", level)
        accuracies = of(nets, "adam", level)["correct"].to_numpy() / TESTED
        assert (found["found"], found["tried"]) == (5, 6)
        assert found["accuracy"] == pytest.approx(mean(accuracies, 0.95).value)
        assert found["accuracy_low"] == pytest.approx(mean(accuracies, 0.95).low)
        assert found["difference"] == pytest.approx(found["accuracy"] - row(table, "volume", beside)["accuracy"])
        assert found["difference_low"] < found["difference"] < found["difference_high"]


def test_the_share_of_bad_ones_changes_since_the_fewest_images():
    table = table_frame()
    assert math.isnan(row(table, "volume", "fits")["bad_change"])
    last, first = (row(table, "volume", "fits", images) for images in (64, 4))
    assert last["bad_change"] == pytest.approx(last["bad"] - first["bad"])
    assert last["bad_change_high"] < 0


def test_intervals_cover_the_truth():
    """Eight runs, each of which estimates a probability of 1 and an accuracy of 0.7."""
    random, covered = np.random.default_rng(2), 0
    for _ in range(100):
        shares, accuracies = random.lognormal(-0.045, 0.3, 8), random.normal(0.7, 0.02, 8)
        ways = pd.DataFrame({"way": "volume", "level": "fits", "run": range(8), "status": "ok", "draws": 1})
        ways = ways.assign(log_probability=np.log(shares), loss=0.5, margin=0.1, goal=0.2, tested=10**6, data="")
        nets = ways[["way", "level", "run"]].assign(correct=(accuracies * 10**6).astype(int))
        found = row(count_table((4,), [ways], [nets], CHOICES), "volume", "fits")
        covered += found["accuracy_low"] < 0.7 < found["accuracy_high"]
        covered += found["log_volume_low"] < 0 < found["log_volume_high"]
    assert stats.binomtest(covered, 200, 0.95).pvalue > 0.01


def test_rows_come_in_the_order_of_print_with_all_that_identifies_them():
    table = table_frame()
    assert list(table["images"].unique()) == [4, 16, 64]
    first = table[table["images"] == 4]
    levels = ("fits", "equal loss", "trained")
    assert list(zip(first["way"], first["level"], strict=True)) == [
        ("guesses", "fits"),
        *(("volume", level) for level in levels[:2]),
        *((method, level) for method in ("adam", "sgd") for level in levels),
    ]
    assert set(table["below"]) == {0.6}


def test_print_says_what_was_tried_and_died():
    printed = printed_counts(table_frame(died=1), SPEC)
    lines = to_markdown(*printed).splitlines()
    cells = [cell.strip() for cell in lines[3].strip("|").split(" | ")]
    assert cells[:4] == ["4", "volume", "fits", "3/4"]
    assert "networks 49-16-16-1 without biases" in lines[-1]
    assert "1 of 4 before fits, 64 images" in lines[-1]
    assert lines[-1].endswith("Data: 9 of 9 images.")
    assert to_latex(*printed).count(r"\\") == 1 + len(printed.frame) + 1


def test_two_differences_of_one_table_are_those_of_welch():
    ways, nets = counted(16, seed=3)
    flat = ways.assign(log_probability=ways["log_probability"].where(ways["way"] != "volume", -5.0))
    found = row(count_table((16,), [flat], [nets], CHOICES), "sgd", "equal loss", 16)
    volume = of(nets, "volume", "equal loss").groupby("run")["correct"].mean().to_numpy() / TESTED
    expected = difference(of(nets, "sgd", "equal loss")["correct"].to_numpy() / TESTED, volume, 0.95)
    assert [found["difference"], found["difference_low"]] == pytest.approx([expected.value, expected.low])
