import numpy as np
import pandas as pd

from lossbasins.experiments.initialization.evidence import initialization


def test_initialisations_are_compared_by_their_spread():
    spread = pd.DataFrame({"dataset": ["digits"] * 2, "model": ["lenet", "snin"], "confidence": 0.9, "solutions": 12})
    spread = spread.assign(
        difference=[0.01, np.nan], low=[-0.01, np.nan], high=[0.03, np.nan], reason=[None, "too few"]
    )
    known, unknown = initialization(spread, 0.95)
    assert (known.where, known.value, known.low, known.high) == ("digits, lenet", 0.01, -0.01, 0.03)
    assert (known.interval, unknown.interval) == ("90% (Tukey)", "too few")
