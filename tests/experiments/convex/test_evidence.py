import pandas as pd
import pytest

from lossbasins.experiments.convex.evidence import convex


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
    (found,) = convex(table, 0.95)
    assert (found.where, found.value) == ("square loss", pytest.approx(1e-13))
