import pandas as pd
import pytest
from scipy import stats

from lossbasins.specs.volume_table import Inputs, Outputs, Spec
from lossbasins.stages import volume_table
from tests.stages.reports import context, outputs, write_measurements


def made(folder, seed=0, **case):
    runs, paths = write_measurements(folder, **case)
    written = outputs(Outputs, folder, "volume")
    spec = Spec(runs=runs, top=10, resamples=100, confidence=0.95, seed=seed)
    volume_table.run(spec, Inputs(**paths), written, context(folder))
    return written


def test_correlations_are_those_of_the_points(tmp_path):
    written = made(tmp_path, statuses={(1, 2): "diverged"})
    points, table = pd.read_csv(written.points), pd.read_csv(written.csv)
    shown = points[points["log_inverse_volume"].notna()]
    assert (len(points), len(shown), len(table)) == (48, 47, 10)
    expected = stats.kendalltau(shown["log_inverse_volume"], shown["test_accuracy"]).statistic
    assert table.loc[0, ["measure", "group"]].tolist() == ["log_inverse_volume", "all"]
    assert table.loc[0, "tau"] == pytest.approx(expected)
    assert "| unattacked" in written.md.read_text()
    assert written.tex.read_text().startswith(r"\begin{tabular}")


def test_same_seed_same_bytes(tmp_path):
    texts = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        (tmp_path / name).mkdir()
        texts.append(made(tmp_path / name, seed, optimizers=("sgd",)).csv.read_bytes())
    assert texts[0] == texts[1] != texts[2]


def test_nothing_fitted_is_no_error(tmp_path):
    statuses = {(0, replica): "diverged" for replica in range(4)}
    written = made(tmp_path, optimizers=("sgd",), attacks=((0.0, 0),), statuses=statuses)
    assert list(pd.read_csv(written.csv)["reason"]) == ["fewer than 5 solutions"] * 4
