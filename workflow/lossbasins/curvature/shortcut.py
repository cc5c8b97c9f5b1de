"""Tangents behind a convolution and a max pool, computed at the maxima alone."""

from collections.abc import Iterable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from lossbasins.curvature.convolution import Convolution
from lossbasins.curvature.graph import Node
from lossbasins.curvature.operations import MaxPool, Pointwise, State
from lossbasins.curvature.tangents import Tangent

ENTRIES = 2**22
"""Entries of a convolution written as a matrix, up to which rows are picked from it."""

COST = 2
"""Arithmetic over the convolution's up to which picked rows pay: dense products run several times faster."""


class Shortcut:
    """The way from a convolution through piecewise linear functions to the max pool that alone looks at it.

    Args:
        convolution: where it begins.
        way: positions of convolution, functions and pool.
    """

    def __init__(self, convolution: Convolution, way: Sequence[int]) -> None:
        self.convolution = convolution
        self.start, *self.between, self.pool = way
        self._matrices: dict[torch.Size, Tensor] = {}

    def pays(self, tangents: Iterable[Tangent], states: dict[int, State]) -> bool:
        """Whether it costs less than the convolution of all these tangents of its input."""
        out, channels, *kernel = self.convolution.weight.shape
        places, maxima = (states[position][0].shape[2:].numel() for position in (self.start, self.pool))
        pixels = max((tangent.values.shape[3:].numel() for tangent in tangents), default=0)
        small = out * channels * places * pixels <= ENTRIES
        return small and maxima * pixels <= COST * torch.Size(kernel).numel() * places

    def push(self, tangent: Tangent, states: dict[int, State]) -> Tangent:
        """A tangent of the convolution's input as one of the pool's output."""
        (where,) = states[self.pool]
        picked = where.flatten(2)
        matrix = self._matrix(tangent.values.shape[3:])
        out, places = matrix.shape[:2]
        rows = (picked + torch.arange(0, out * places, places, device=picked.device)[:, None]).flatten(1)
        values = tangent.full()
        n, q, channels = values.shape[:3]
        groups, count = channels if tangent.diagonal else 1, rows.shape[1]
        values = values.reshape(n, q, groups, -1)
        if values.is_cuda:
            seen = matrix.flatten(0, 1)[rows].reshape(n, count, groups, -1)
            image = values.transpose(1, 2) @ seen.permute(0, 2, 3, 1)
        else:
            image = values.new_empty(n, groups, q, count)
            for sample, row, result in zip(values, rows, image, strict=True):
                seen = matrix.flatten(0, 1).index_select(0, row).reshape(count, groups, -1)
                torch.bmm(sample.transpose(0, 1), seen.permute(1, 2, 0), out=result)
        for position in self.between:
            image *= states[position][0].flatten(2).gather(2, picked).reshape(n, 1, 1, count)
        return Tangent(image.reshape(n, groups * q, *where.shape[1:]), out, diagonal=False, factor=tangent.factor)

    def _matrix(self, image: torch.Size) -> Tensor:
        """The convolution of images of a size as a matrix (out, places, channels * pixels)."""
        if image not in self._matrices:
            layer = self.convolution
            weight = layer.weight
            basis = torch.eye(weight.shape[1] * image.numel(), dtype=weight.dtype, device=weight.device)
            basis = basis.reshape(-1, weight.shape[1], *image)
            columns = F.conv2d(basis, weight, None, layer.stride, layer.padding, layer.dilation)
            self._matrices[image] = columns.flatten(2).permute(1, 2, 0).contiguous()
        return self._matrices[image]


def find_shortcuts(nodes: Sequence[Node]) -> dict[int, Shortcut]:
    """By the position of their convolution, where node i + 1 is the result of operation i."""
    found: dict[int, Shortcut] = {}
    for start, node in enumerate(nodes, start=1):
        if not isinstance(node.operation, Convolution):
            continue
        way = [start]
        while len(consumers := [p for p, other in enumerate(nodes, start=1) if way[-1] in other.sources]) == 1:
            way += consumers
            operation = nodes[way[-1] - 1].operation
            if isinstance(operation, MaxPool):
                found[start] = Shortcut(node.operation, way)
            if not (isinstance(operation, Pointwise) and operation.piecewise_linear):
                break
    return found
