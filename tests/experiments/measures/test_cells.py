import pandas as pd
import pytest
from scipy import stats

from lossbasins.experiments.measures.cells import cells
from tests.experiments.measures.frames import CHOICES, measures_frames

MEASURES = ("free_energy", "weight_norm")


def test_each_cell_and_each_attack_setting_has_scipys_tau_of_its_own_solutions():
    frame = measures_frames(measures=MEASURES, replicas=6)[1]
    found = cells(frame, CHOICES, 0)
    assert len(found) == frame.groupby(["protocol", "measure"]).ngroups * (4 + 3 * 4)
    for row in found[found["protocol"] == "raw"].to_dict("records"):
        members = frame[(frame["protocol"] == "raw") & (frame["measure"] == row["measure"])]
        members = members[(members["attack"] == row["attack"]) & members["left_out"].isna()]
        if not pd.isna(row["optimizer"]):
            members = members[members["optimizer"] == row["optimizer"]]
        assert row["solutions"] == len(members)
        assert row["tau"] == pytest.approx(stats.kendalltau(members["value"], members["test_accuracy"]).statistic)
        assert not row["low"] > row["tau"]


def test_a_cell_of_few_solutions_says_so():
    found = cells(measures_frames(measures=MEASURES, replicas=4)[1], CHOICES, 0)
    alone = found[found["optimizer"].notna()]
    assert set(alone["reason"]) == {"fewer than 5 solutions"}
    assert alone["shown"].isna().all()


def test_a_new_attack_changes_no_other_groups_interval():
    frame = measures_frames(measures=MEASURES, replicas=6)[1]
    fewer = cells(frame[frame["attack"] != "w0.5-n400"], CHOICES, 0)
    pd.testing.assert_frame_equal(
        fewer.dropna(axis=1, how="all"),
        cells(frame, CHOICES, 0).query("attack != 'w0.5-n400'").reset_index(drop=True).dropna(axis=1, how="all"),
    )
