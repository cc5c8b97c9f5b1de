import copy

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import chi2

from lossbasins.sampling.subset import Population, Splitting
from tests.sampling.quadratics import quadratic

SPLITTING = Splitting(particles=200, share=0.2, moves=5, levels=60)


def population(eigenvalues, target, seed=1, weaken=1.0, splitting=SPLITTING):
    landscape = quadratic(eigenvalues)
    return Population(landscape.excess_alone, weaken * landscape.curvature, landscape.vectors, target, splitting, seed)


def logarithms(eigenvalues, target, runs=6, **changes):
    found = []
    for seed in range(runs):
        one = population(eigenvalues, target, seed, **changes)
        while not one.done:
            one.advance()
        assert one.reason == ""
        found.append(one.log_probability)
    return np.array(found)


def imhof(eigenvalues, target):
    """log P(1/2 sum a z^2 <= c), by Imhof's integral (1961)."""
    half = np.asarray(eigenvalues) / 2

    def integrand(u):
        angle = 0.5 * np.arctan(half * u).sum() - 0.5 * target * u
        return np.sin(angle) / (u * np.prod((1 + (half * u) ** 2) ** 0.25))

    integral, _ = quad(integrand, 1e-12, 400 / half.max(), limit=2000)
    return np.log(0.5 - integral / np.pi)


@pytest.mark.parametrize("weaken", [1.0, 0.1])
def test_a_ball_is_that_of_chi_square(weaken):
    # P(0.3/2 |z|^2 <= c) in 20 dimensions: log P = -20.
    target = 0.15 * chi2.ppf(np.exp(-20.0), 20)
    found = logarithms(np.full(20, 0.3), target, weaken=weaken)
    assert found.mean() == pytest.approx(-20, abs=4 * found.std(ddof=1) / len(found) ** 0.5)
    assert found.std(ddof=1) < 1.5


def test_an_ellipsoid_among_free_directions_is_that_of_imhof():
    eigenvalues = np.concatenate([np.geomspace(1e-2, 10, 12), np.zeros(100)])
    exact = imhof(eigenvalues[:12], 0.3)
    found = logarithms(eigenvalues, 0.3)
    assert -12 < exact < -4
    assert found.mean() == pytest.approx(exact, abs=4 * found.std(ddof=1) / len(found) ** 0.5)
    assert found.std(ddof=1) < 1


def test_imhof_s_integral_is_right_where_chi_square_is_known():
    assert imhof(np.full(6, 2.0), 3.0) == pytest.approx(np.log(chi2.cdf(3.0, 6)), abs=1e-4)


def test_a_restored_population_ends_with_the_same_bits():
    whole = population([4.0, 1.0], 0.01)
    again = population([4.0, 1.0], 0.01)
    for _ in range(3):
        whole.advance()
    again.restore(copy.deepcopy(whole.state()))
    for one in (whole, again):
        while not one.done:
            one.advance()
    assert (whole.log_probability, whole.forwards) == (again.log_probability, again.forwards)


@pytest.mark.parametrize(("particles", "share"), [(10, 0.04), (200, 0.999)])
def test_some_particles_survive_a_level_and_some_do_not(particles, share):
    with pytest.raises(ValueError, match=f"share: given {share} of {particles} particles; allowed"):
        Splitting(particles=particles, share=share, moves=1, levels=3)


def test_a_level_that_is_not_reached_says_so():
    one = population([4.0, 1.0], -1.0, splitting=Splitting(particles=20, share=0.5, moves=1, levels=3))
    while not one.done:
        one.advance()
    assert one.reason == "no particle below -1 after 3 levels"
    assert one.log_probability == -np.inf
    assert torch.isfinite(torch.tensor(one.level))
