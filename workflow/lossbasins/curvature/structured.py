r"""Exact curvature matrices of layered networks, from their structure.

The Hessian of the mean loss is the generalised Gauss-Newton matrix plus a residual,

.. math:: H = \sum_i J_i^T S_i J_i + \sum_i \sum_c r_{ic} \nabla^2 f_c(x_i),

with outputs f, J their Jacobian in the parameters, and r and S the loss's gradient and Hessian in the outputs.

- The first term is a Gram matrix of the rows R^T J, with S = R R^T: one backward pass for the columns of R.
- In the second one, each layer is linear in its input and linear in its parameters. So for two layers it is the weight
  gradient of the later one, at the fixed signal r J, with the input replaced by its derivatives (tangents) in the
  parameters of the earlier one. Within a layer it is zero. A smooth activation phi adds signal times phi'' times the
  products of the tangents of its input.

Rows and blocks of dense layers are Kronecker products per sample and are summed in the Khatri-Rao form.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from lossbasins.curvature.factored import FactoredHessian, Root
from lossbasins.curvature.network import Network
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.operations import State
from lossbasins.curvature.reading import read_network
from lossbasins.curvature.symmetric import SymmetricMatrix, joined
from lossbasins.curvature.workspace import workspace

WORKSPACE = 256 * 2**20
"""Bytes that one chunk of samples may use beside the matrix."""

FACTOR_WORKSPACE = 64 * 2**20
"""The same beside factors, where small chunks cost no products: no tensor then outgrows what malloc keeps for reuse."""


@torch.no_grad()
def structured_matrix(objective: Objective, *, ggn: bool, residual: bool, memory: int | None = None) -> Tensor:
    """Generalised Gauss-Newton matrix, residual, or their sum, of shape (P, P).

    Args:
        objective: of a model whose layers are all known.
        ggn: whether to include the generalised Gauss-Newton matrix.
        residual: whether to include the residual.
        memory: bytes for one chunk of samples; at least one sample is taken.

    Raises:
        UnsupportedLayerError: a layer that is not known, named in the message.
    """
    total = SymmetricMatrix(objective.size, objective.dtype, objective.device)
    for network, signals, states in _passes(
        objective, ggn=ggn, residual=residual, memory=memory or workspace(objective.device, WORKSPACE)
    ):
        if ggn:
            rows = slice(None, -1) if residual else slice(None)
            network.add_gauss_newton(total, {node: signal[rows] for node, signal in signals.items()}, states)
        if residual:
            network.add_residual(total, {node: signal[-1] for node, signal in signals.items()}, states)
    matrix = total.mirrored()
    if ggn:
        matrix.diagonal().add_(objective.weight_decay)
    return matrix


@torch.no_grad()
def structured_factors(objective: Objective, *, memory: int | None = None) -> FactoredHessian:
    """The Hessian with its generalised Gauss-Newton part in factors; see `structured_matrix`."""
    total = SymmetricMatrix(objective.size, objective.dtype, objective.device)
    roots: list[Root] = []
    edges = {0, objective.size}
    for network, signals, states in _passes(
        objective, ggn=True, residual=True, memory=memory or workspace(objective.device, FACTOR_WORKSPACE)
    ):
        pieces, dense = network.root({node: signal[:-1] for node, signal in signals.items()}, states)
        edges |= {layer.parameters.weight for layer in network.layers.values()}
        roots.append(Root(joined([(offset, piece.flatten(0, 1)) for offset, piece in pieces]), dense))
        network.add_residual(total, {node: signal[-1] for node, signal in signals.items()}, states)
    return FactoredHessian(roots, total.mirrored(), objective.weight_decay, sorted(edges))


def _passes(
    objective: Objective, *, ggn: bool, residual: bool, memory: int
) -> Iterator[tuple[Network, dict[int, Tensor], dict[int, State]]]:
    """For each chunk of samples the network, the signals of the root's rows, then of the gradient, and the states."""
    network = read_network(objective)
    for inputs, targets in objective.chunks(network.chunk(objective, memory)):
        values, states = network.run(inputs)
        seeds = []
        if ggn:
            seeds.append(objective.loss.hessian_root(values[-1], targets, objective.samples))
        if residual:
            seeds.append(objective.loss.gradient(values[-1], targets, objective.samples)[None])
        yield network, network.pull(torch.cat(seeds), values, states), states
