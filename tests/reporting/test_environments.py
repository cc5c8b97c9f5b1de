import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lossbasins.reporting.environments import environments, granulated, mean_of, worst

GRID = pd.DataFrame(
    [(optimizer, attack) for optimizer in ("adam", "sgd") for attack in ("none", "weak", "strong") for _ in range(2)],
    columns=["optimizer", "attack"],
)


def test_granulated_is_the_mean_of_scipys_tau_where_each_setting_has_one_solution():
    settings = GRID.drop_duplicates().reset_index(drop=True)
    x, y = np.random.default_rng(0).normal(size=(2, 6))
    taus = [
        stats.kendalltau(x[rows], y[rows]).statistic
        for rows in (settings.index[settings["optimizer"] == name] for name in ("adam", "sgd"))
    ]
    pair = [
        stats.kendalltau(x[rows], y[rows]).statistic
        for rows in (settings.index[settings["attack"] == name] for name in ("none", "weak", "strong"))
    ]
    found = granulated(settings, x, y)
    assert found == pytest.approx({"optimizer": np.mean(pair), "attack": np.mean(taus)})
    assert mean_of(found) == pytest.approx(np.mean([np.mean(pair), np.mean(taus)]))


def test_a_choice_that_never_varies_alone_has_no_mean():
    settings = GRID.assign(init="he")
    found = granulated(settings, np.arange(12.0), -np.arange(12.0))
    assert np.isnan(found["init"])
    assert mean_of(found) == pytest.approx(-1)


def test_a_measure_that_fails_in_one_environment_is_told_by_its_worst():
    accuracy = np.where(GRID["attack"] == "none", 0.95, np.where(GRID["attack"] == "weak", 0.8, 0.5))
    accuracy = accuracy - 0.1 * (GRID["optimizer"] == "sgd").to_numpy()
    sharpness = -accuracy
    sharpness[(GRID["optimizer"] == "sgd") & (GRID["attack"] == "strong")] = -2.0
    found = environments(GRID, sharpness, accuracy, test_images=1000, errors_apart=2)
    assert len(found) == 3 + 2 * 3
    assert (found["pairs"] == 4).all()
    assert set(found["sign_error"]) == {0.0, 1.0}
    error, name = worst(found)
    assert (error, name) == (1.0, found.loc[found["sign_error"] == 1, "environment"].iloc[0])
    assert "strong" in name


def test_pairs_within_the_binomial_error_do_not_count():
    accuracy = np.full(12, 0.9)
    accuracy[:2] = 0.95
    # Two standard errors of a difference: 2 sqrt(0.95 * 0.05 / n + 0.9 * 0.1 / n), 0.05 at n = 220.
    for images, told in ((219, 0), (221, 12)):
        found = environments(GRID, np.arange(12.0), accuracy, test_images=images, errors_apart=2)
        assert found["told_apart"].sum() == told
        assert found.loc[found["told_apart"] == 0, "sign_error"].isna().all()
    assert worst(found[found["told_apart"] == 0]) == (pytest.approx(np.nan, nan_ok=True), "")
