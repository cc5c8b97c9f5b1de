import math

import pytest

from lossbasins.volume import log_inverse_volume


def test_volume_takes_the_largest():
    assert log_inverse_volume([-9.0, 1.0, math.e, math.e**3], 2) == pytest.approx(4.0)


@pytest.mark.parametrize("k", [0, 3])
def test_volume_needs_enough_positive_eigenvalues(k):
    with pytest.raises(ValueError, match="choose k from 1 to 2"):
        log_inverse_volume([1.0, 2.0, -1.0], k)


def test_volume_of_broken_eigenvalues():
    with pytest.raises(ValueError, match="finite"):
        log_inverse_volume([1.0, math.nan], 1)
