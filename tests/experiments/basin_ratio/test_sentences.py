import pandas as pd

from lossbasins.experiments.basin_ratio.sentences import sentences


def test_the_median_at_the_largest_number_of_eigenvalues_is_told():
    ratios = pd.DataFrame(
        {
            "protocol": ["raw", "raw", "matched", "interpolated"],
            "k": [1, 300, 300, 300],
            "good": 6,
            "bad": [12, 12, 1, 0],
            "low": [-1.0, -600.0, -9.0, None],
            "median": [-0.5, -534.2, -3.0, None],
            "high": [0.1, -100.0, 2.0, None],
        }
    )
    assert sentences(ratios) == [
        ("raw", "bad basins are 10^534 times smaller in the median of 72 pairs"),
        ("matched", "bad basins are 10^3 times smaller in the median of 6 pairs, though not in nearly all"),
        ("interpolated", "no bad basin is there to be compared with a good one"),
    ]
