import numpy as np
import pytest

from lossbasins.experiments.measures.evidence import overwhelming, sampled
from tests.experiments.measures.frames import CHOICES, measures_frames


@pytest.fixture(scope="module")
def frames():
    return measures_frames(failed=2)


def test_every_pair_of_a_good_and_a_bad_solution_has_its_difference_and_error(frames):
    points, pairs = frames[1], frames[4]
    shown = points[(points["protocol"] == "matched") & (points["measure"] == "free_energy") & points["left_out"].isna()]
    good = shown[(shown["attack"] == "none") & (shown["test_accuracy"] >= CHOICES.below)]
    bad = shown[(shown["attack"] != "none") & (shown["test_accuracy"] < CHOICES.below)]
    found = pairs[pairs["quantity"] == "free_energy"]
    expected = bad["value"].to_numpy()[None, :] - good["value"].to_numpy()[:, None]
    np.testing.assert_allclose(np.sort(found["difference"]), np.sort(expected.ravel()))
    np.testing.assert_allclose(found["error"], 0.3 * np.sqrt(2))


def test_in_short_the_median_lies_in_its_interval_and_in_its_band(frames):
    table = frames[5]
    assert set(table["group"]) == {"all", "sgd", "momentum", "adam"}
    assert table["median"].between(table["low"], table["high"]).all()
    assert table["median"].between(table["band_low"], table["band_high"]).all()


def test_half_the_sum_of_eigenvalues_stands_beside(frames):
    row = frames[5].set_index(["quantity", "group"]).loc[("half_log_inverse_volume", "all")]
    assert row["role"] == "beside"
    assert row["median"] > 0
    assert row["error"] == 0


def test_a_free_energy_that_was_not_measured_says_so_beside_one_that_was():
    table = measures_frames(measures=("free_energy",))[5]
    missing = table[table["quantity"] == "free_energy_half"].iloc[0]
    assert (missing["good"], missing["bad"], missing["reason"]) == (0, 0, "not measured")


def test_without_bad_solutions_there_is_no_pair():
    table = measures_frames(choices=CHOICES.model_copy(update={"below": 0.0}))[5]
    assert set(table.loc[table["group"] == "all", "reason"]) == {"no pair"}


def test_a_study_that_measures_no_free_energy_makes_no_claim_of_any():
    table = measures_frames(measures=("frobenius",))[5]
    assert set(table["role"]) == {"beside"}
    assert sampled(table, 0.95) == overwhelming(table, 0.95) == []
