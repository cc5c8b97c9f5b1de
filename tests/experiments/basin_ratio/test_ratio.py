import numpy as np
import pandas as pd
import pytest

from lossbasins.experiments.basin_ratio.ratio import basin_ratio
from lossbasins.volume import log_inverse_volume
from tests.experiments.volumes.frames import under_protocols
from tests.reporting.measurements import measurements


def ratios(below=0.9, largest_k=40, band=0.8, **case):
    made = measurements(**case)
    points = under_protocols(made)
    spectra = dict.fromkeys(points["protocol"].unique(), made.spectra)
    return made, points, basin_ratio(points, made.labels, spectra, below=below, largest_k=largest_k, band=band)


def test_every_pair_counts_with_the_ratio_of_its_volumes():
    made, points, found = ratios()
    raw = points[points["protocol"] == "raw"]
    volumes = {
        (run, replica): log_inverse_volume(spectra["eigenvalues"][replica], 17)
        for run, spectra in enumerate(made.spectra)
        for replica in spectra["replica"]
    }
    runs = {(label["optimizer"], label["attack"]): run for run, label in enumerate(made.labels)}
    rows = raw.to_dict("records")
    good = [row for row in rows if row["attack"] == "none" and row["test_accuracy"] >= 0.9]
    bad = [row for row in rows if row["attack"] != "none" and row["test_accuracy"] < 0.9]
    pairs = [
        (
            volumes[runs[g["optimizer"], g["attack"]], g["replica"]]
            - volumes[runs[b["optimizer"], b["attack"]], b["replica"]]
        )
        / np.log(10)
        for g in good
        for b in bad
    ]
    row = found[(found["protocol"] == "raw") & (found["k"] == 17)].iloc[0]
    assert (row["good"], row["bad"]) == (len(good), len(bad))
    np.testing.assert_allclose(row[["low", "median", "high"]].astype(float), np.quantile(pairs, [0.1, 0.5, 0.9]))


def test_the_curve_ends_where_a_solution_has_no_more_positive_eigenvalues():
    _, _, found = ratios(largest_k=10_000, parameters=60)
    assert 0 < found["k"].max() < 60


@pytest.mark.parametrize(("below", "counts"), [(0.01, (12, 0)), (0.999, (0, 36))])
def test_without_a_pair_there_is_no_ratio(below, counts):
    _, _, found = ratios(below=below)
    raw = found[found["protocol"] == "raw"]
    assert raw[["k", "good", "bad"]].to_numpy().tolist() == [[0, *counts]]
    assert raw[["low", "median", "high"]].isna().all(axis=None)


def test_solutions_left_out_are_in_no_pair():
    _, points, found = ratios(statuses={(0, 1): "diverged"})
    counted = found.groupby("protocol")["good"].first()
    assert counted["raw"] == 11
    shown = points[points["log_inverse_volume"].notna() & (points["attack"] == "none")]
    expected = shown.groupby("protocol").size().reindex(counted.index, fill_value=0)
    pd.testing.assert_series_equal(counted, expected.rename("good"))
