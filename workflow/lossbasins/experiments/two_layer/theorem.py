r"""Two-layer networks, and the terms of the paper's theorem and corollary (section 4).

The network is :math:`f(x) = \sum_k a_k s(b_k \cdot x + c_k)`; B has the rows :math:`b_k`. The loss is
:math:`L = \frac{1}{2n} \sum_i (f(x_i) - y_i)^2`. docs/method.md derives what is computed here.
"""

import math
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from typing_extensions import override

from lossbasins.curvature.hessian import ggn_matrix, residual_matrix
from lossbasins.curvature.objective import Objective
from lossbasins.experiments.two_layer.specs import ActivationName


@dataclass(frozen=True)
class Activation:
    """A function s of the hidden layer."""

    build: Callable[[], nn.Module]
    largest_curvature: float
    """sup |s''|; for ReLU almost everywhere, which is what the Hessian at data sees."""
    homogeneous: bool
    """Whether s(t z) = t s(z) for all t > 0, so that nodes can be rescaled."""


ACTIVATIONS: dict[ActivationName, Activation] = {
    "tanh": Activation(nn.Tanh, 4 / math.sqrt(27), homogeneous=False),  # at tanh(z)^2 = 1/3
    "softplus": Activation(nn.Softplus, 1 / 4, homogeneous=False),  # at z = 0
    "relu": Activation(nn.ReLU, 0.0, homogeneous=True),
}


class TwoLayerNet(nn.Module):
    """f(x) = sum_k a_k s(b_k . x + c_k), in float64; its parameters are B, c and a, in that order.

    Args:
        features: d.
        width: K, the number of hidden nodes.
        activation: s.
    """

    def __init__(self, features: int, width: int, activation: ActivationName) -> None:
        super().__init__()
        self.activation = ACTIVATIONS[activation]
        self.hidden = nn.Linear(features, width, dtype=torch.float64)
        self.s = self.activation.build()
        self.output = nn.Linear(width, 1, bias=False, dtype=torch.float64)

    @override
    def forward(self, inputs: Tensor) -> Tensor:
        """From (n, d) to (n, 1)."""
        outputs: Tensor = self.output(self.s(self.hidden(inputs)))
        return outputs

    @property
    def rows(self) -> Tensor:
        """B, shape (K, d)."""
        return self.hidden.weight.detach()

    @property
    def bias_block(self) -> slice:
        """Where c stands in the parameter vector."""
        width, features = self.rows.shape
        return slice(width * features, width * features + width)


@dataclass(frozen=True)
class Terms:
    """Both sides of equality, bounds and corollary; means are over the training inputs unless a name says test."""

    input_gradient: float
    """E|grad_x f|^2, differentiated in the inputs."""
    inner_product: float
    """<B B^T, F_cc>: equal to it."""
    equality_error: float
    """Their relative difference."""
    bound: float
    """|B|_F^2 |F_cc|_F: the theorem's."""
    balanced_bound: float
    """K |N F_cc N|_F with N = diag(|b_k|): the bound after each node is rescaled to the same |b_k|."""
    corollary: float
    """|B|_F^2 (|H_cc|_F + |a|_2 sup|s''| sqrt(2 L))."""
    gradient_moment: float
    """|F_cc|_F."""
    bias_hessian: float
    """|H_cc|_F."""
    bias_residual: float
    """|H_cc - F_cc|_F."""
    hessian: float
    """|H|_F, of all parameters."""
    ggn: float
    """|G|_F, the generalised Gauss-Newton part of H."""
    residual: float
    """|H - G|_F."""
    test_input_gradient: float
    """E|grad_x f|^2 over the test inputs."""
    sampling_term: float
    """|B|_F^2 |F_cc - F_cc over the test inputs|_F: the corollary's O(n^-1/2)."""


def terms(net: TwoLayerNet, inputs: Tensor, targets: Tensor, test_inputs: Tensor) -> Terms:
    """All terms at one solution.

    Args:
        net: the solution.
        inputs: of the training set, shape (n, d).
        targets: shape (n, 1).
        test_inputs: shape (m, d).
    """
    rows, block = net.rows, net.bias_block
    # curvature's "mse" is 2 L.
    objective = Objective(deepcopy(net).eval(), inputs, targets, "mse")
    ggn, residual = ggn_matrix(objective) / 2, residual_matrix(objective) / 2
    hessian = ggn + residual
    moment, test_moment = bias_moment(net, inputs), bias_moment(net, test_inputs)
    size, lengths = rows.square().sum(), rows.norm(dim=1)
    gradient = input_gradient_square(net, inputs)
    product = ((rows @ rows.T) * moment).sum()
    slack = net.output.weight.detach().norm() * net.activation.largest_curvature * math.sqrt(objective.value)
    values = {
        "input_gradient": gradient,
        "inner_product": product,
        "equality_error": (product - gradient).abs() / gradient,
        "bound": size * moment.norm(),
        "balanced_bound": len(rows) * (lengths[:, None] * moment * lengths).norm(),
        "corollary": size * (hessian[block, block].norm() + slack),
        "gradient_moment": moment.norm(),
        "bias_hessian": hessian[block, block].norm(),
        "bias_residual": residual[block, block].norm(),
        "hessian": hessian.norm(),
        "ggn": ggn.norm(),
        "residual": residual.norm(),
        "test_input_gradient": input_gradient_square(net, test_inputs),
        "sampling_term": size * (moment - test_moment).norm(),
    }
    return Terms(**{name: value.item() for name, value in values.items()})


def input_gradient_square(net: TwoLayerNet, inputs: Tensor) -> Tensor:
    """E|grad_x f|^2 over the inputs (n, d), by automatic differentiation in them: a scalar."""
    inputs = inputs.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(net(inputs).sum(), inputs)
    square: Tensor = gradient.square().sum(dim=1).mean()
    return square


def bias_moment(net: TwoLayerNet, inputs: Tensor) -> Tensor:
    """F_cc = E[grad_c f grad_c f^T] over the inputs (n, d): shape (K, K).

    A bias is added to its node's input, so grad_c f is the derivative in the inputs of the hidden nodes.
    """
    nodes = net.hidden(inputs).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(net.output(net.s(nodes)).sum(), nodes)
    moment: Tensor = gradient.T @ gradient / len(inputs)
    return moment


def rescaled(net: TwoLayerNet, factors: Tensor) -> TwoLayerNet:
    """The same function with other parameters: b_k and c_k times t_k, a_k divided by t_k.

    Args:
        net: of a positively homogeneous activation.
        factors: t, positive, shape (K,), or a scalar for all nodes.

    Raises:
        ValueError: a factor is not positive, or the activation is not homogeneous.
    """
    if not net.activation.homogeneous:
        raise ValueError(f"{type(net.s).__name__} is not positively homogeneous: no rescaling keeps the function")
    if not bool((factors > 0).all()):
        raise ValueError(f"factors {factors.tolist()}: each must be positive")
    other = deepcopy(net)
    with torch.no_grad():
        other.hidden.weight.mul_(factors.reshape(-1, 1))
        other.hidden.bias.mul_(factors)
        other.output.weight.div_(factors)
    return other


def one_node(net: TwoLayerNet, inputs: Tensor, factor: float) -> Tensor:
    """Factors (K,) that rescale only the node with the largest share |b_k|^2 E|df/dc_k|^2 of E|grad_x f|^2."""
    shares = net.rows.square().sum(dim=1) * bias_moment(net, inputs).diagonal()
    factors = torch.ones_like(shares)
    factors[shares.argmax()] = factor
    return factors
