import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, simpson
from sklearn.kernel_ridge import KernelRidge

from lossbasins.experiments.curve_fitting.fit import (
    attack_points,
    cubic,
    cubic_input_gradient,
    kernel_curve,
    kernel_function,
    mean_over,
    network_curve,
    network_function,
    nodes,
    train_points,
)
from lossbasins.models import fnn
from tests.experiments.curve_fitting.curves import choices, fitted


def network(depth=1, attacked=False, **changes):
    return network_curve(choices(**changes), depth, 0, 3, attacked=attacked)


def at(curve, points):
    return np.interp(points.x, curve.x, curve.values)


def test_a_network_of_one_unit_is_the_ramp_that_its_weights_say():
    ramp = fnn.build(1, 1, 1, 1, hidden=(1,)).double()
    with torch.no_grad():
        for parameter, value in zip(ramp.parameters(), (2.0, -1.0, 3.0, 0.5), strict=True):
            parameter.fill_(value)
    values, slopes = network_function(ramp, np.array([-1.0, 0.0, 0.75, 1.0]))
    np.testing.assert_allclose(values, [0.5, 0.5, 2.0, 3.5])
    np.testing.assert_allclose(slopes, [0, 0, 6, 6])


@settings(deadline=None)
@given(order=st.integers(1, 9), seed=st.integers(0, 99))
def test_a_kernel_and_its_slopes_are_those_of_the_polynomial_that_it_spans(order, seed):
    x, y = np.random.default_rng(seed).uniform(-1, 1, (2, 5))
    kernel = KernelRidge(kernel="polynomial", degree=order, gamma=1.0, coef0=1.0, alpha=1e-3).fit(x[:, None], y)
    expected = sum(
        weight * np.polynomial.Polynomial([1, point]) ** order
        for weight, point in zip(kernel.dual_coef_, x, strict=True)
    )
    at = np.linspace(-1, 1, 7)
    scale = np.abs(kernel.dual_coef_).sum() * 2**order * order
    for found, polynomial in zip(kernel_function(kernel, at), (expected, expected.deriv()), strict=True):
        np.testing.assert_allclose(found, polynomial(at), rtol=0, atol=1e-13 * scale)


def test_the_mean_of_a_square_over_an_interval():
    x = np.linspace(-1, 1, 1001)
    assert mean_over(x, x**2) == pytest.approx(1 / 3, rel=1e-5)


def test_the_input_gradient_of_the_cubic_is_its_integral():
    integral, _ = quad(lambda x: (-1 + 6 * x**2) ** 2, -1, 1)
    assert cubic_input_gradient(choices()) == pytest.approx(integral / 2)


def test_a_kernel_of_order_three_is_the_cubic():
    curve = kernel_curve(choices(), 3)
    assert (curve.status, curve.parameters) == ("ok", 4)
    assert curve.test_error < 1e-12
    assert curve.input_gradient == pytest.approx(cubic_input_gradient(choices()), rel=1e-4)


def test_a_kernel_of_order_two_cannot_interpolate_and_says_so():
    assert kernel_curve(choices(), 2).status == "not_fitted"


def test_wrong_values_lie_above_and_below_the_cubic_in_turn():
    points = attack_points(choices())
    np.testing.assert_allclose(points.y - cubic(choices(), points.x), [1, -1])


@pytest.mark.parametrize("depth", [1, 2])
def test_a_network_goes_through_the_points_and_has_the_parameters_of_its_layers(depth):
    curve, points = network(depth), train_points(choices())
    assert curve.status == "ok"
    assert curve.steps < 5000
    assert curve.train_loss <= 1e-4
    # The target allows 0.01; between nodes, 0.002 apart, the curve may bend, by less than slopes of 10 times that.
    assert np.abs(at(curve, points) - points.y).max() < 0.03
    assert curve.parameters == {1: 61, 2: 481}[depth]


def test_an_attacked_network_goes_through_the_wrong_values_too():
    good, bad = network(2), network(2, attacked=True)
    assert (bad.status, good.attack_loss) == ("ok", None)
    assert max(bad.train_loss, bad.attack_loss) <= 1e-4
    points = attack_points(choices())
    assert np.abs(at(bad, points) - points.y).max() < 0.03
    assert bad.test_error > good.test_error


def test_measures_are_those_of_the_curve():
    for curve in fitted():
        x, step = curve.x, curve.x[1] - curve.x[0]
        np.testing.assert_array_equal(x, nodes(choices()))
        expected = simpson((curve.values - (0.5 - x + 2 * x**3)) ** 2, x=x) / 2
        assert curve.test_error == pytest.approx(expected, rel=0.01, abs=1e-9)
        assert curve.input_gradient == pytest.approx(np.mean((np.diff(curve.values) / step) ** 2), rel=0.01)


def test_without_steps_nothing_is_fitted():
    curve = network(steps=1)
    assert (curve.status, curve.steps) == ("not_fitted", 1)


def test_a_network_that_overflows_has_diverged():
    assert network(learning_rate=1e300, steps=5).status == "diverged"


def test_the_same_seed_is_the_same_curve():
    np.testing.assert_array_equal(network().values, network().values)
