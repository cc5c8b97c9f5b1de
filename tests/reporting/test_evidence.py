import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lossbasins.reporting import evidence
from tests.reporting.drawings import basin_frames, spectrum_frames, volume_frames


def test_networks_are_held_against_attacked_ones_in_all_pairs():
    table = pd.DataFrame(
        {
            "family": ["network", "network", "attacked network", "kernel", "network"],
            "status": ["ok"] * 4 + ["not_fitted"],
            "test_error": [0.1, 0.3, 0.5, 9.0, 9.0],
        }
    )
    (found,) = evidence.curve_fitting(table)
    assert (found.value, found.low, found.high) == pytest.approx((0.4, 0.2, 0.6))
    (nothing,) = evidence.curve_fitting(table[:0])
    assert np.isnan(nothing.value)
    assert nothing.interval == "no pair"


def batches(**changed):
    row = {"dataset": "digits", "model": "mlenet", "difference": -0.01, "difference_low": -0.03}
    row |= {"difference_high": 0.01, "gap": 0.4, "gap_low": 0.3, "gap_high": 0.5}
    row |= {"difference_reason": None, "gap_reason": None}
    return evidence.batch_size(pd.DataFrame([row | changed]))[0]


def test_a_difference_of_batches_counts_as_a_share_of_the_gap():
    found = batches()
    assert (found.value, found.low, found.high) == pytest.approx((0.025, 0, 0.1))
    apart = batches(difference_low=-0.03, difference_high=-0.01)
    assert (apart.low, apart.high) == pytest.approx((0.02, 0.1))
    assert batches(gap_low=-0.1).interval == "the gap may be zero"
    assert batches(gap_low=np.nan, gap_reason="no solution on one side").interval == "no solution on one side"


def test_initialisations_are_compared_by_their_spread():
    spread = pd.DataFrame({"dataset": ["digits"] * 2, "model": ["lenet", "snin"], "confidence": 0.9})
    spread = spread.assign(
        difference=[0.01, np.nan], low=[-0.01, np.nan], high=[0.03, np.nan], reason=[None, "too few"]
    )
    known, unknown = evidence.initialization(spread)
    assert (known.where, known.value, known.low, known.high) == ("digits, lenet", 0.01, -0.01, 0.03)
    assert (known.interval, unknown.interval) == ("90% (Tukey)", "too few")


def test_two_layer_claims_are_about_the_worst_solution():
    table = pd.DataFrame(
        {
            "status": ["ok", "ok", "diverged"],
            "equality_error": [1e-16, 3e-15, 1.0],
            "input_gradient": [1.0, 3.0, 9.0],
            "bound": [10.0, 4.0, 1.0],
        }
    )
    assert evidence.two_layer_equality(table)[0].high == 3e-15
    assert evidence.two_layer_bound(table)[0].high == 0.75


def test_eigenvalues_are_compared_by_their_geometric_means():
    table, _ = spectrum_frames()
    (found,) = evidence.spectrum(table, 0.95)
    bad, good = (table.loc[(table["attack"] == "none") == unattacked, "largest"] for unattacked in (False, True))
    interval = stats.ttest_ind(np.log(bad), np.log(good), equal_var=False).confidence_interval(0.95)
    assert found.value == pytest.approx(stats.gmean(bad) / stats.gmean(good))
    assert (found.low, found.high) == pytest.approx((np.exp(interval.low), np.exp(interval.high)))


def test_correlations_come_under_each_protocol_with_and_without_the_loss_held_fixed():
    _, table = volume_frames()
    found = evidence.volume({"volume-a": table})
    protocols = ("raw", "interpolated", "matched")
    assert [one.where for one in found] == [
        f"volume-a, {protocol}{given}" for protocol in protocols for given in ("", ", at fixed loss")
    ]
    assert found[0].value == table.iloc[0]["tau"]


def test_a_linear_model_is_judged_by_its_largest_relative_difference():
    table = pd.DataFrame(
        {
            "model": ["a", "b", "a"],
            "pair": ["square loss", "square loss", "from above"],
            "difference": [0.0, 1e-12, 0.0],
            "good_largest": [1.0, 10.0, 0.0],
            "bad_largest": [1.0, 10.0, 0.0],
        }
    )
    (found,) = evidence.convex(table)
    assert (found.where, found.value) == ("square loss", pytest.approx(1e-13))


def test_ratios_are_those_at_the_largest_k_and_starts_lie_between_exact_bounds():
    ratio, _, shares = basin_frames()
    found = evidence.basin_ratio(ratio)
    assert found[0].where == f"raw, k = {ratio[ratio['protocol'] == 'raw']['k'].max()}"
    assert found[0].value == ratio[ratio["protocol"] == "raw"]["median"].iloc[-1]
    (start,) = evidence.starts(shares)
    assert (start.value, start.low, start.high) == (0, 0, pytest.approx(1 - 0.05 ** (1 / 12)))


def test_what_is_not_configured_is_not_judged():
    _, table = volume_frames()
    assert set(evidence.gathered({}, {"volume": table}, 0.95)) == {"volume"}
