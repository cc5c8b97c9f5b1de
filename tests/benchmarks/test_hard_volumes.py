import numpy as np
import pytest
from scipy.special import gammaln

from benchmarks.hard_volumes import compare, from_volumes
from lossbasins.sampling.subset import Splitting
from tests.configurations import ROOT


@pytest.mark.parametrize("power", [0.5, 3.0, 40.0])
def test_volumes_that_grow_as_a_power_have_the_free_energy_of_the_gamma_function(power):
    levels = np.geomspace(10, 0.01, 30)
    found = from_volumes(list(levels), list(power * np.log(levels)), 512.0)
    assert found == pytest.approx(power * np.log(512) - gammaln(power + 1), abs=1e-3)


def test_a_frozen_point_lacks_its_images(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    point = ROOT / "results/published/free-energy/runs/mnist512/mlenet/he/adam/none/matched"
    with pytest.raises(SystemExit, match=r"lacks results/free-energy/data/mnist512/split.npz, which frozen results"):
        compare(point, 1, 2, Splitting(particles=20, share=0.2, moves=1, levels=2))
