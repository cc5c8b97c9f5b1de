import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lossbasins.experiments.basin_ratio.starts import shares, starts


def ended(*accuracies, optimizer="sgd"):
    frame = pd.DataFrame({"test_accuracy": np.array(accuracies, dtype=float)})
    return frame.assign(init="he", optimizer=optimizer, left_out=pd.Series(pd.NA, index=frame.index, dtype="str"))


@given(st.integers(1, 200), st.data(), st.floats(0.5, 0.999))
def test_the_bound_is_where_so_few_bad_ends_have_the_stated_chance(number, data, confidence):
    bad = data.draw(st.integers(0, number - 1))
    row = shares(ended(*[0.1] * bad, *[0.9] * (number - bad)), 0.5, confidence).iloc[0]
    assert (row["starts"], row["bad"], row["share"]) == (number, bad, bad / number)
    assert stats.binom.cdf(bad, number, row["upper"]) == pytest.approx(1 - confidence, rel=1e-6)


def test_no_bad_end_of_thirty_bounds_the_share_by_a_tenth():
    assert shares(ended(*[0.9] * 30), 0.5, 0.95).iloc[0]["upper"] == pytest.approx(1 - 0.05 ** (1 / 30))


def test_there_is_a_row_for_all_and_one_for_each_optimizer():
    frame = pd.concat([ended(0.4, 0.9), ended(0.6, optimizer="adam")])
    table = shares(frame, 0.5, 0.95)
    assert table[["optimizer", "starts", "bad", "lowest"]].to_numpy().tolist() == [
        ["all", 3, 1, 0.4],
        ["sgd", 2, 1, 0.4],
        ["adam", 1, 0, 0.6],
    ]


def test_what_did_not_end_in_a_minimum_is_counted_apart():
    label = {"dataset": "digits", "model": "mlenet", "init": "he", "optimizer": "sgd"}
    evaluation = pd.DataFrame(
        {"replica": [0, 1], "status": ["ok", "diverged"], "test_accuracy": [0.9, np.nan], "data": "9 images"}
    )
    row = shares(starts([label], [evaluation]), 0.5, 0.95).iloc[0]
    assert (row["starts"], row["left_out"], row["bad"]) == (1, 1, 0)
    nothing = shares(starts([label], [evaluation[1:]]), 0.5, 0.95).iloc[0]
    assert nothing["starts"] == 0
    assert np.isnan(nothing["upper"])
