import numpy as np
import pandas as pd
import pytest

from lossbasins.experiments.volumes.numbers import points
from lossbasins.reporting.protocols import interpolated, matched
from tests.reporting.measurements import measurements


@pytest.fixture
def trained():
    made = measurements(statuses={(0, 0): "diverged"})
    return points(made.labels, made.evaluations, made.spectra, made.frobenius, 10)


def test_interpolated_keeps_those_near_a_minimum_that_fit_their_attack_set(trained):
    trained.loc[5, "attack_accuracy"] = 0.5
    trained.loc[1, "gradient_norm"] = np.nan
    kept = interpolated(trained, 0.9, 0.3)
    shown = kept["log_inverse_volume"].notna()
    expected = (trained["status"] == "ok") & (trained["gradient_norm"] <= 0.3) & ~(trained["attack_accuracy"] < 0.9)
    assert 0 < shown.sum() < 47
    pd.testing.assert_series_equal(shown, expected, check_names=False)
    pd.testing.assert_frame_equal(kept[shown], trained[shown])
    assert kept.loc[0, "frobenius_norm_left_out"] == "diverged"
    assert kept.loc[1, "frobenius_norm_left_out"] == "|grad L_S| above 0.3"
    assert kept.loc[5, "log_inverse_volume_left_out"] == "attack accuracy below 90%"
    assert kept.loc[~shown, ["frobenius_norm", "standard_error"]].isna().all(axis=None)


def test_matched_keeps_those_of_one_loss(trained):
    trained["train_loss"] = np.geomspace(1e-4, 1e-2, len(trained))
    kept = matched(trained, 1e-3, 0.2)
    losses = kept.loc[kept["frobenius_norm"].notna(), "train_loss"]
    assert len(losses) == 4
    assert losses.between(0.8e-3, 1.2e-3).all()
    assert kept.loc[len(kept) - 1, "log_inverse_volume_left_out"] == "L_S not within 20% of 0.001"
