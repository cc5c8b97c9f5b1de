import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.metrics.pairwise import rbf_kernel

from lossbasins.experiments.convex.minima import (
    STEP,
    Samples,
    compare,
    features_of,
    hessian,
    largest_margin,
    minimum_norm,
    second_derivatives,
    square_loss,
    squared_hinge,
)
from tests.experiments.convex.linear_models import comparisons, samples

seeds = st.integers(0, 2**32 - 1)


@settings(deadline=None)
@given(seed=seeds)
def test_the_hessian_of_the_square_loss_is_the_second_moment_of_the_features(seed):
    data = samples(7, 5, seed)
    weights = np.random.default_rng(seed).normal(size=5)
    expected = 2 * data.features.T @ data.features / 7
    np.testing.assert_allclose(hessian(square_loss, data.signed, weights), expected, rtol=1e-12, atol=1e-13)


@settings(deadline=None)
@given(seed=seeds)
def test_the_hessian_of_the_squared_hinge_is_that_of_the_samples_below_the_margin(seed):
    data = samples(7, 5, seed)
    weights = np.random.default_rng(seed).normal(size=5)
    active = data.features[data.targets * (data.features @ weights) < 1]
    expected = 2 * active.T @ active / 7
    np.testing.assert_allclose(hessian(squared_hinge, data.signed, weights), expected, rtol=1e-12, atol=1e-13)
    assert np.count_nonzero(second_derivatives(squared_hinge, data.signed @ weights)) == len(active)


def test_the_minimum_norm_solution_is_the_pseudoinverse():
    data = samples(6, 20, 0)
    np.testing.assert_allclose(minimum_norm(data), np.linalg.pinv(data.features) @ data.targets, rtol=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_the_largest_margin_is_that_of_a_general_optimiser(seed):
    data = samples(12, 15, seed)
    found = largest_margin(data)
    constraint = {"type": "ineq", "fun": lambda w: data.signed @ w - 1, "jac": lambda _: data.signed}
    expected = minimize(
        lambda w: w @ w / 2, minimum_norm(data), jac=lambda w: w, constraints=constraint, options={"ftol": 1e-14}
    )
    np.testing.assert_allclose(found, expected.x, atol=1e-6)
    assert (data.signed @ found).min() > 1 - 1e-9
    assert np.linalg.norm(found) <= np.linalg.norm(minimum_norm(data))


def test_cosine_features_approximate_the_gaussian_kernel():
    points = np.random.default_rng(0).normal(size=(6, 4))
    features = features_of("cosine features", 4, 200_000, 2, 0)(points)
    # The mean of 200,000 products of at most 1: five standard errors are 0.011.
    np.testing.assert_allclose(2 * features @ features.T, rbf_kernel(points, gamma=1 / 8), atol=0.023)


def test_relu_features_have_half_the_second_moment_of_their_arguments():
    points = np.random.default_rng(0).normal(size=(6, 4))
    features = features_of("ReLU features", 4, 200_000, 2, 0)(points)
    expected = (np.square(points).mean(axis=1) + 1) / 2
    np.testing.assert_allclose(np.square(features).sum(axis=1), expected, rtol=0.03)


def test_polynomial_features_are_all_monomials():
    features = features_of("polynomial", 2, 0, 2, 0)(np.array([[2.0, 3.0]]))
    assert sorted(features[0]) == [1, 2, 3, 4, 6, 9]


@pytest.mark.parametrize("kind", ["ReLU features", "cosine features", "polynomial"])
def test_good_and_bad_minima_differ_in_test_error_but_not_in_the_hessian_of_the_square_loss(kind):
    pairs = {comparison.pair: comparison for comparison in comparisons((kind,))[kind]}
    for pair in pairs.values():
        assert pair.good.train_loss < 1e-18
        assert pair.bad.train_loss < 1e-18
        assert pair.bad.test_error > pair.good.test_error
    for name in ("square loss", "squared hinge from below", "squared hinge from above"):
        assert pairs[name].difference < 1e-10
    below, square = pairs["squared hinge from below"], pairs["square loss"]
    np.testing.assert_allclose(below.bad.eigenvalues, square.good.eigenvalues, atol=1e-10)
    assert [m.curving for p in (square, below) for m in (p.good, p.bad)] == [20] * 4
    above = pairs["squared hinge from above"]
    assert (above.good.curving, above.bad.curving, np.abs(above.bad.eigenvalues).max()) == (0, 0, 0)


def test_the_hinge_at_the_largest_margin_has_the_hessian_of_the_support_vectors():
    data = samples(12, 15, 3)
    attack = Samples(samples(10, 15, 4).features[:2], np.array([1.0, -1.0]))
    (pair,) = (p for p in compare(data, attack, data) if p.pair == "squared hinge, largest margin")
    both = Samples(np.vstack([data.features, attack.features]), np.append(data.targets, attack.targets))
    for minimum, fitted in ((pair.good, data), (pair.bad, both)):
        margins = data.signed @ largest_margin(fitted)
        support = data.features[margins < 1 + STEP / 2]
        assert minimum.curving == len(support) < 12
        expected = np.linalg.eigvalsh(2 * support.T @ support / 12)
        np.testing.assert_allclose(minimum.eigenvalues, expected, atol=1e-12)


def test_more_images_than_features_can_fit_are_a_clear_error():
    with pytest.raises(ValueError, match=r"^train \+ attack: 16 images, but the features have rank 15 and fit no more"):
        compare(samples(8, 15, 0), samples(8, 15, 1), samples(8, 15, 2))
