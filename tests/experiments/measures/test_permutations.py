import numpy as np
import pytest

from lossbasins.experiments.measures.permutations import under_permutation
from lossbasins.reporting.ranking import Solutions, ranking


def test_accuracies_that_stay_as_they_are_have_the_coefficients_that_are_found():
    rng = np.random.default_rng(0)
    values, accuracy, norm = rng.normal(size=(3, 60))
    solutions = Solutions(values, np.zeros(60), accuracy, norm, norm, np.repeat(np.arange(15), 4))
    found = ranking(solutions, resamples=50, confidence=0.95, smallest_group=5, rng=rng)
    within, beyond = under_permutation(solutions, np.vstack([np.arange(60), rng.random((200, 60))]))
    assert within[0] == pytest.approx(found.within.value, rel=1e-12)
    assert beyond[0] == pytest.approx(found.beyond_norm.value, rel=1e-12)
    assert within.shape == beyond.shape == (201,)
    assert abs(within[1:].mean()) < 4 * within[1:].std() / 200**0.5
