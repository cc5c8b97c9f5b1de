import numpy as np
import pandas as pd
import pytest

from lossbasins.experiments.batch_size.evidence import batch_size


def batches(**changed):
    row = {"dataset": "digits", "model": "mlenet", "difference": -0.01, "difference_low": -0.03}
    row |= {"difference_high": 0.01, "gap": 0.4, "gap_low": 0.3, "gap_high": 0.5}
    row |= {"difference_reason": None, "gap_reason": None}
    row |= {"full_solutions": 6, "mini_solutions": 5, "attacked_solutions": 3}
    return batch_size(pd.DataFrame([row | changed]), 0.95)[0]


def test_a_difference_of_batches_counts_as_a_share_of_the_gap():
    found = batches()
    assert (found.value, found.low, found.high) == pytest.approx((0.025, 0, 0.1))
    assert (found.solutions, found.smallest) == (14, 3)
    apart = batches(difference_low=-0.03, difference_high=-0.01)
    assert (apart.low, apart.high) == pytest.approx((0.02, 0.1))
    assert batches(gap_low=-0.1).interval == "the gap may be zero"
    assert batches(gap_low=np.nan, gap_reason="no solution on one side").interval == "no solution on one side"
