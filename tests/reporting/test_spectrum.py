import numpy as np
import pandas as pd
import pytest

from lossbasins.reporting.spectrum import signs, spectrum_numbers


@pytest.mark.parametrize(("dtype", "noise"), [(np.float64, 1e-14), (np.float32, 1e-5)])
def test_rounding_noise_is_zero_in_its_own_precision(dtype, noise):
    values = np.array([-0.5, -noise, 0, noise, *np.full(95, 0.1), 100], dtype=dtype)
    assert signs(values) == (1, 3, 96)


def test_numbers_of_a_known_spectrum():
    values = np.array([[-1.0, 0.0, np.e, np.e**2, np.e**3]])
    row = spectrum_numbers({"replica": np.array([7]), "eigenvalues": values}, top=2).iloc[0]
    assert row["replica"] == 7
    assert row["log_inverse_volume"] == pytest.approx(5)
    assert [row[name] for name in ("parameters", "negative", "zero", "positive")] == [5, 1, 1, 3]
    assert (row["smallest"], row["largest"]) == (-1, np.e**3)
    assert pd.isna(row["reason"])


@pytest.mark.parametrize(
    ("values", "reason"),
    [([-1.0, 0.0, 1e-17, 2.0], "fewer than 2 positive eigenvalues"), ([1.0, np.nan, 2.0], "eigenvalues not finite")],
)
def test_a_spectrum_without_volume_says_why(values, reason):
    row = spectrum_numbers({"replica": np.array([0]), "eigenvalues": np.array([values])}, top=2).iloc[0]
    assert row["reason"] == reason
    assert np.isnan(row["log_inverse_volume"])
