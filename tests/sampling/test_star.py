import numpy as np
import pytest
import torch
from scipy.stats import chi, chi2, norm

from lossbasins.sampling.star import log_ball, star_volume
from tests.sampling.quadratics import quadratic
from tests.sampling.test_subset import imhof


def logarithm(landscape, level, directions=200, seed=0):
    return star_volume(landscape.excess_alone, landscape.curvature, landscape.vectors, level, directions, seed)


def test_a_ball_needs_a_single_ray():
    found = logarithm(quadratic(np.full(20, 0.3)), 1.2)
    assert found.log_probability == pytest.approx(np.log(chi2.cdf(8.0, 20)), abs=1e-6)
    assert found.error < 1e-6
    assert found.effective_directions == pytest.approx(200)


def test_an_ellipsoid_is_that_of_imhof():
    eigenvalues = np.concatenate([np.geomspace(1e-2, 10, 12), np.zeros(10)])
    found = logarithm(quadratic(eigenvalues), 0.3, directions=4000)
    assert found.log_probability == pytest.approx(imhof(eigenvalues[:12], 0.3), abs=4 * found.error)
    assert found.error < 0.1


def test_what_a_ray_does_not_see_is_left_out():
    # {|z_1| <= 1 or |z_1| >= 3}: rays see the strip alone.
    def excess(point):
        first = abs(float(point[0]))
        return first**2 if first < 3 else 0.0

    landscape = quadratic([2.0])
    found = star_volume(excess, landscape.curvature, torch.eye(2, dtype=torch.float64)[:, :1], 1.0, 4000, 0)
    assert found.log_probability == pytest.approx(np.log(1 - 2 * norm.sf(1)), abs=4 * found.error)


def test_a_loss_may_overflow():
    def excess(point):
        return 0.15 * float(point @ point) if point.norm() < 3 else np.inf

    landscape = quadratic(np.full(20, 0.3))
    found = star_volume(excess, landscape.curvature, landscape.vectors, 9.0, 50, 0)
    assert found.log_probability == pytest.approx(np.log(chi2.cdf(9.0, 20)), abs=1e-6)


def test_a_flat_loss_has_all_of_the_prior():
    found = star_volume(lambda _: 0.0, torch.zeros(0).double(), torch.zeros(20, 0).double(), 1.0, 50, 0)
    assert found.log_probability == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("radius", "dimensions"), [(0.5, 3), (4.0, 20), (61.0, 3781), (63.0, 3781)])
def test_a_small_ball_is_that_of_scipy(radius, dimensions):
    assert log_ball(radius, dimensions) == pytest.approx(chi(dimensions).logcdf(radius), rel=1e-9)


def test_a_ball_may_be_smaller_than_any_float():
    # As the radius goes to 0 the density over a ball is constant: log P goes with P log r.
    assert log_ball(2e-3, 3781) - log_ball(1e-3, 3781) == pytest.approx(3781 * np.log(2), rel=1e-9)
