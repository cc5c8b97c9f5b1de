import pandas as pd
import pytest
from scipy import stats

from lossbasins.experiments.volumes import table as stage
from lossbasins.experiments.volumes.specs import VolumeInputs, VolumeSpec
from lossbasins.specs.files import TableWithPoints
from tests.stages.reports import context, outputs, write_measurements

MATCHED = ("matched_evaluation", "matched_spectrum", "matched_frobenius")


def made(folder, seed=0, matched_loss=None, **case):
    runs, paths = write_measurements(folder, **case)
    written = outputs(TableWithPoints, folder, "volume")
    # The trained solutions stand for the matched ones too: what is compared here does not depend on how they were made.
    matched = (
        {f"matched_{kind}": files for kind, files in paths.items()} if matched_loss else dict.fromkeys(MATCHED, ())
    )
    spec = VolumeSpec(runs=runs, top=10, resamples=100, seed=seed, matched_loss=matched_loss)
    stage.run(spec, VolumeInputs(**paths, **matched), written, context(folder))
    return written


def test_correlations_are_those_of_the_points(tmp_path):
    written = made(tmp_path, statuses={(1, 2): "diverged"})
    points, table = pd.read_csv(written.points), pd.read_csv(written.csv)
    points = points[points["protocol"] == "raw"]
    shown = points[points["log_inverse_volume"].notna()]
    assert (len(points), len(shown)) == (48, 47)
    assert table["protocol"].unique().tolist() == ["raw", "interpolated"]
    expected = stats.kendalltau(shown["log_inverse_volume"], shown["test_accuracy"]).statistic
    assert table.loc[0, ["measure", "group"]].tolist() == ["log_inverse_volume", "all"]
    assert table.loc[0, "tau"] == pytest.approx(expected)
    assert "unattacked" in written.md.read_text()
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
    assert set(pd.read_csv(written.csv)["reason"]) == {"fewer than 5 solutions"}


def test_solutions_away_from_the_one_loss_are_left_out_of_the_matched_protocol(tmp_path):
    loss = 0.01
    points = pd.read_csv(made(tmp_path, matched_loss=loss).points)
    matched = points[points["protocol"] == "matched"]
    near = (matched["train_loss"] / loss - 1).abs() <= VolumeSpec.model_fields["loss_within"].default
    assert 0 < near.sum() < len(near)
    assert (matched["log_inverse_volume"].notna() == near).all()
