import numpy as np
import pytest
from scipy import stats

from lossbasins.experiments.spectrum.evidence import spectrum
from tests.experiments.spectrum.frames import spectrum_frames


def test_eigenvalues_are_compared_by_their_geometric_means():
    table, _ = spectrum_frames()
    (found,) = spectrum(table, 0.95)
    bad, good = (table.loc[(table["attack"] == "none") == unattacked, "largest"] for unattacked in (False, True))
    interval = stats.ttest_ind(np.log(bad), np.log(good), equal_var=False).confidence_interval(0.95)
    assert found.value == pytest.approx(stats.gmean(bad) / stats.gmean(good))
    assert (found.low, found.high) == pytest.approx((np.exp(interval.low), np.exp(interval.high)))
