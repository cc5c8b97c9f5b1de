import numpy as np
import pytest
from scipy.special import gammaln

from benchmarks.hard_volumes import from_volumes


@pytest.mark.parametrize("power", [0.5, 3.0, 40.0])
def test_volumes_that_grow_as_a_power_have_the_free_energy_of_the_gamma_function(power):
    levels = np.geomspace(10, 0.01, 30)
    found = from_volumes(list(levels), list(power * np.log(levels)), 512.0)
    assert found == pytest.approx(power * np.log(512) - gammaln(power + 1), abs=1e-3)
