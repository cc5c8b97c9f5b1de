"""The part of a Hessian that comes from the second derivative of a smooth activation."""

from dataclasses import replace

from torch import Tensor

from lossbasins.curvature.symmetric import LayerParameters, SymmetricMatrix
from lossbasins.curvature.tangents import Tangent


def add_bending(
    total: SymmetricMatrix, bend: Tensor, tangents: dict[int, Tangent], parameters: dict[int, LayerParameters]
) -> None:
    """Add sum over entries of bend times the product of their tangents, for each pair of layers.

    Args:
        total: the matrix (P, P) to add to.
        bend: signal times second derivative of the activation, of the activation's shape (n, ...).
        tangents: of the activation's input, by layer.
        parameters: of each layer.
    """
    layers = sorted(tangents)
    for i, first in enumerate(layers):
        for second in layers[i:]:
            _add_pair(total, bend, (parameters[first], tangents[first]), (parameters[second], tangents[second]))


def _add_pair(
    total: SymmetricMatrix,
    bend: Tensor,
    first: tuple[LayerParameters, Tangent],
    second: tuple[LayerParameters, Tangent],
) -> None:
    (rows, left), (columns, right) = first, second
    if right.diagonal and not left.diagonal and left.factor is None:
        (rows, left), (columns, right) = second, first
    aligned = left.channels == right.channels and right.factor is None
    if left.diagonal and not left.is_outer and not right.is_outer and aligned:
        _add_by_channel(total, bend, (rows, left), (columns, right))
        return
    left, right = left.densified(), right.densified()
    n = len(bend)
    weighted = left.values.reshape(n, left.values.shape[1], -1) * bend.reshape(n, 1, -1)
    other = right.values.reshape(n, right.values.shape[1], -1)
    if left.factor is None and right.factor is None:
        block = weighted.transpose(0, 1).flatten(1) @ other.transpose(0, 1).flatten(1).T
        total.add_pair(rows, columns, block.reshape(rows.channels, rows.columns, columns.channels, columns.columns))
        return
    pairs = weighted @ other.transpose(1, 2)
    if left.factor is not None and right.factor is not None:
        total.add_kronecker(rows, columns, pairs, left.factor, right.factor)
        return
    if left.factor is None:
        (rows, left), (columns, right), pairs = (columns, right), (rows, left), pairs.transpose(1, 2)
    assert left.factor is not None
    block = (left.factor.T @ pairs.flatten(1)).reshape(-1, *pairs.shape[1:]).transpose(0, 1)
    total.add_pair(rows, columns, block.reshape(rows.channels, rows.columns, columns.channels, columns.columns))


def _add_by_channel(
    total: SymmetricMatrix,
    bend: Tensor,
    first: tuple[LayerParameters, Tangent],
    second: tuple[LayerParameters, Tangent],
) -> None:
    """Where the first tangent is diagonal: one product for each channel."""
    (rows, left), (columns, right) = first, second
    weighted = left.scaled(bend).flattened().full()
    other = right.flattened().full()
    for channel in range(left.channels):
        block = weighted[:, :, channel].transpose(0, 1).flatten(1) @ other[:, :, channel].transpose(0, 1).flatten(1).T
        own = _channel(rows, channel)
        if right.diagonal:
            theirs = own if rows is columns else _channel(columns, channel)
            total.add_pair(own, theirs, block[None, :, None, :])
        else:
            total.add_pair(own, columns, block.reshape(1, -1, columns.channels, columns.columns))


def _channel(parameters: LayerParameters, channel: int) -> LayerParameters:
    """The parameters of one channel of a layer."""
    bias = None if parameters.bias is None else parameters.bias + channel
    return replace(parameters, channels=1, weight=parameters.weight + channel * parameters.width, bias=bias)
