"""The terms of section 4 against torch's own derivatives of the formula, in float64."""

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lossbasins.experiments.two_layer.theorem import (
    ACTIVATIONS,
    TwoLayerNet,
    bias_moment,
    input_gradient_square,
    one_node,
    rescaled,
    terms,
)

ROUNDING = 1e-10
FUNCTIONS = {"tanh": torch.tanh, "softplus": torch.nn.functional.softplus, "relu": torch.relu}
INVARIANT = ("input_gradient", "inner_product", "balanced_bound", "test_input_gradient")
"""What no rescaling of nodes changes."""


@st.composite
def problems(draw, activations=tuple(FUNCTIONS)):
    """The name of an activation, a network, training inputs and targets, and test inputs."""
    name = draw(st.sampled_from(activations))
    features, width, points = draw(st.integers(1, 5)), draw(st.integers(1, 6)), draw(st.integers(1, 12))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**32)))
    net = TwoLayerNet(features, width, name)
    for values in net.parameters():
        torch.nn.init.normal_(values, std=draw(st.sampled_from([0.3, 1.0, 3.0])), generator=generator)
    normal = {"generator": generator, "dtype": torch.float64}
    inputs, targets = torch.randn(points, features, **normal), torch.randn(points, 1, **normal)
    return name, net, inputs, targets, torch.randn(4, features, **normal)


@st.composite
def rescalings(draw):
    """A problem with ReLU whose gradient does not vanish, and a positive factor for each node."""
    _, net, *data = draw(problems(activations=("relu",)))
    assume(input_gradient_square(net, data[0]) > 0)
    factors = draw(st.lists(st.floats(0.1, 10), min_size=len(net.rows), max_size=len(net.rows)))
    return net, data, torch.tensor(factors, dtype=torch.float64)


def blocks(net):
    """B, c and a."""
    return [values.detach().clone() for values in (net.hidden.weight, net.hidden.bias, net.output.weight[0])]


def derivatives(name, net, inputs, targets):
    """Value, dense Hessian and Gauss-Newton matrix of 1/(2n) sum (f - y)^2, from the formulas alone."""
    shapes = [part.shape for part in blocks(net)]

    def outputs(vector):
        parts = vector.split([math.prod(shape) for shape in shapes])
        b, c, a = (part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))
        return FUNCTIONS[name](inputs @ b.T + c) @ a

    def loss(vector):
        return ((outputs(vector) - targets[:, 0]) ** 2).sum() / (2 * len(inputs))

    vector = torch.cat([part.reshape(-1) for part in blocks(net)])
    jacobian = torch.autograd.functional.jacobian(outputs, vector)
    hessian = torch.autograd.functional.hessian(loss, vector)
    return loss(vector), hessian, jacobian.T @ jacobian / len(inputs)


@settings(max_examples=40, deadline=None)
@given(problems())
def test_every_term_is_that_of_torchs_dense_derivatives(problem):
    name, net, inputs, targets, test_inputs = problem
    loss, hessian, ggn = derivatives(name, net, inputs, targets)
    _, _, test_ggn = derivatives(name, net, test_inputs, torch.zeros(4, 1))
    b, c, a = blocks(net)
    cc = slice(b.numel(), b.numel() + c.numel())
    moment, test_moment, lengths = ggn[cc, cc], test_ggn[cc, cc], torch.diag(b.norm(dim=1))
    size, slack = b.square().sum(), a.norm() * net.activation.largest_curvature * (2 * loss).sqrt()
    expected = {
        "input_gradient": ((b @ b.T) * moment).sum(),
        "inner_product": torch.trace(b.T @ moment @ b),
        "test_input_gradient": torch.trace(b.T @ test_moment @ b),
        "bound": size * moment.norm(),
        "balanced_bound": len(c) * (lengths @ moment @ lengths).norm(),
        "corollary": size * (hessian[cc, cc].norm() + slack),
        "sampling_term": size * (moment - test_moment).norm(),
        "gradient_moment": moment.norm(),
        "bias_hessian": hessian[cc, cc].norm(),
        "bias_residual": (hessian - ggn)[cc, cc].norm(),
        "hessian": hessian.norm(),
        "ggn": ggn.norm(),
        "residual": (hessian - ggn).norm(),
    }
    found = vars(terms(net, inputs, targets, test_inputs))
    assert set(found) == {*expected, "equality_error"}
    rounding = 1e-13 * float((1 + size) * (1 + hessian.norm() + test_moment.norm()))
    for term, value in expected.items():
        assert found[term] == pytest.approx(float(value), rel=ROUNDING, abs=rounding), term


@settings(max_examples=40, deadline=None)
@given(problems())
def test_the_theorem_and_its_corollary_hold(problem):
    _, net, inputs, targets, test_inputs = problem
    found = terms(net, inputs, targets, test_inputs)
    above = 1 + ROUNDING
    # Both sides are sums that may cancel: their rounding is a share of the bound.
    assert abs(found.inner_product - found.input_gradient) <= ROUNDING * found.input_gradient + 1e-14 * found.bound
    assert found.input_gradient <= found.bound * above
    assert found.input_gradient <= found.balanced_bound * above
    assert found.bound <= found.corollary * above
    assert found.test_input_gradient <= (found.bound + found.sampling_term) * above


@settings(max_examples=20, deadline=None)
@given(problems(activations=("relu",)))
def test_of_relu_the_residual_vanishes_within_each_layer_and_so_in_the_cc_block(problem):
    name, net, inputs, targets, test_inputs = problem
    _, hessian, ggn = derivatives(name, net, inputs, targets)
    hidden = slice(0, net.bias_block.stop)
    assert terms(net, inputs, targets, test_inputs).bias_residual == 0
    assert float((hessian - ggn)[hidden, hidden].norm()) <= 1e-14 * float(hessian.norm())


def test_of_relu_the_residual_does_not_vanish_between_the_layers():
    net = TwoLayerNet(1, 1, "relu")
    for values, value in zip(net.parameters(), (2.0, 0.0, 3.0), strict=True):
        torch.nn.init.constant_(values, value)
    ones = torch.ones(1, 1, dtype=torch.float64)
    # f = a (b x + c) = 6, y = 1: the residual holds f - y = 5 at (a, b) and (a, c).
    assert terms(net, ones, ones, ones).residual == pytest.approx(5 * math.sqrt(4), rel=1e-14)


@settings(max_examples=40, deadline=None)
@given(rescalings())
def test_rescaling_nodes_keeps_the_function_and_what_is_invariant(case):
    net, (inputs, targets, test_inputs), factors = case
    other = rescaled(net, factors)
    torch.testing.assert_close(other(test_inputs), net(test_inputs), rtol=1e-12, atol=1e-12)
    before, after = (vars(terms(solution, inputs, targets, test_inputs)) for solution in (net, other))
    for term in INVARIANT:
        assert after[term] == pytest.approx(before[term], rel=ROUNDING, abs=1e-13 * before["bound"]), term


@settings(max_examples=40, deadline=None)
@given(rescalings())
def test_the_bound_follows_the_factors_by_its_formula(case):
    net, data, factors = case
    b, moment = blocks(net)[0].numpy(), bias_moment(net, data[0]).numpy()
    t = factors.numpy()
    expected = (t**2 * (b**2).sum(axis=1)).sum() * np.linalg.norm(moment / np.outer(t, t))
    assert terms(rescaled(net, factors), *data).bound == pytest.approx(expected, rel=ROUNDING)


@settings(max_examples=20, deadline=None)
@given(rescalings(), st.floats(0.1, 10))
def test_the_bound_is_invariant_if_all_nodes_are_rescaled_alike(case, factor):
    net, data, _ = case
    other = rescaled(net, torch.tensor(factor, dtype=torch.float64))
    assert terms(other, *data).bound == pytest.approx(terms(net, *data).bound, rel=ROUNDING)


def test_one_node_rescaled_changes_the_bound_and_alike_ones_the_hessian():
    """Two equal nodes, f = (x)+ + (x)+ at x = 1: |B|^2 |F_cc| is (1 + 1) 2, and (4 + 1)(1/4 + 1) with one times 2."""
    net = TwoLayerNet(1, 2, "relu")
    for values, value in zip(net.parameters(), (1.0, 0.0, 1.0), strict=True):
        torch.nn.init.constant_(values, value)
    data = torch.ones(1, 1, dtype=torch.float64), torch.full((1, 1), 2.0).double(), torch.ones(1, 1).double()
    trained, one, alike = (
        terms(rescaled(net, torch.tensor(factors).double()), *data) for factors in ([1.0, 1.0], [2.0, 1.0], [2.0, 2.0])
    )
    assert (trained.bound, one.bound, alike.bound) == pytest.approx((4.0, 6.25, 4.0), rel=1e-14)
    # The gradient is (a_k, a_k, b_k) for each node: |H|_F is its square, 2 (1 + 1 + 1), and 2 (1/4 + 1/4 + 4).
    assert (trained.hessian, alike.hessian) == pytest.approx((6.0, 9.0), rel=1e-14)
    assert trained.input_gradient == one.input_gradient == alike.input_gradient == 4.0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_largest_curvature_is_that_on_a_fine_grid(name):
    grid = torch.linspace(-8, 8, 160_001, dtype=torch.float64, requires_grad=True)
    grid = grid[grid.detach() != 0] if name == "relu" else grid
    (slope,) = torch.autograd.grad(FUNCTIONS[name](grid).sum(), grid, create_graph=True)
    curvature = (
        torch.zeros(1) if not slope.requires_grad else torch.autograd.grad(slope.sum(), grid, allow_unused=True)[0]
    )
    largest = 0.0 if curvature is None else float(curvature.abs().max())
    assert ACTIVATIONS[name].largest_curvature == pytest.approx(largest, rel=1e-6)
    assert largest <= ACTIVATIONS[name].largest_curvature * (1 + ROUNDING)


def test_the_one_node_is_that_with_the_largest_share_of_the_gradient():
    net = TwoLayerNet(1, 3, "relu")
    for values, entries in zip(net.parameters(), ([[1.0], [2.0], [5.0]], [0.0] * 3, [[4.0, 3.0, 0.1]]), strict=True):
        values.data = torch.tensor(entries, dtype=torch.float64)
    ones = torch.ones(2, 1, dtype=torch.float64)
    # Shares b^2 a^2: 16, 36 and 0.25.
    assert one_node(net, ones, 0.5).tolist() == [1.0, 0.5, 1.0]


@pytest.mark.parametrize("name", ["tanh", "softplus"])
def test_a_network_without_that_symmetry_is_not_rescaled(name):
    with pytest.raises(ValueError, match=r"^\w+ is not positively homogeneous: no rescaling keeps the function$"):
        rescaled(TwoLayerNet(2, 3, name), torch.ones(3))


def test_factors_are_positive():
    with pytest.raises(ValueError, match=r"^factors \[1\.0, -2\.0\]: each must be positive$"):
        rescaled(TwoLayerNet(2, 2, "relu"), torch.tensor([1.0, -2.0]))
