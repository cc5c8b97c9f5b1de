r"""Many small ReLU networks at once, without biases and with one output.

A network is a vector of standard normal numbers: layer l has the weights :math:`W_l = \sqrt{2 / d_l}\, z_l`, where
:math:`d_l` is the number of its inputs. So He's prior, with biases at zero, is N(0, I).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

NETS_AT_ONCE = 256
OUTPUTS_AT_ONCE = 2**16
"""Few enough for what is computed to stay in a cache."""


@dataclass(frozen=True)
class Nets:
    """The networks of one shape."""

    widths: tuple[int, ...]
    """Inputs, hidden layers, and 1."""

    @property
    def shapes(self) -> list[tuple[int, int]]:
        """Outputs and inputs of each layer."""
        return list(zip(self.widths[1:], self.widths[:-1], strict=True))

    @property
    def parameters(self) -> int:
        """Number P of weights."""
        return sum(outputs * inputs for outputs, inputs in self.shapes)

    def layers(self, vectors: Tensor) -> list[Tensor]:
        """The weights of each layer, (N, outputs, inputs), from vectors (N, P); gradients pass."""
        parts = torch.split(vectors, [outputs * inputs for outputs, inputs in self.shapes], dim=1)
        return [
            part.reshape(-1, outputs, inputs) * math.sqrt(2 / inputs)
            for part, (outputs, inputs) in zip(parts, self.shapes, strict=True)
        ]

    def vectors(self, layers: Sequence[Tensor]) -> Tensor:
        """The vectors (N, P) of weights as `layers` gives them; gradients pass."""
        parts = [
            weights.flatten(1) / math.sqrt(2 / inputs) for weights, (_, inputs) in zip(layers, self.shapes, strict=True)
        ]
        return torch.cat(parts, dim=1)

    def outputs(self, vectors: Tensor, inputs: Tensor) -> Tensor:
        """What each network answers, (N, n), from vectors (N, P) and inputs (n, d); gradients pass."""
        block = min(NETS_AT_ONCE, max(1, OUTPUTS_AT_ONCE // len(inputs)))
        return torch.cat([self._outputs(part, inputs) for part in torch.split(vectors, block)])

    def scale(self, vectors: Tensor) -> Tensor:
        r"""By what outputs are multiplied if each layer is brought to its usual norm under the prior, (N,).

        That is :math:`\prod_l |W_l|^*_F / |W_l|_F` with :math:`|W|^*_F = \sqrt{2 \cdot \text{outputs}}`, the root
        of the mean square: the networks are homogeneous of degree 1 in each layer, so that a layer's norm says nothing
        about what is classified how.
        """
        factors = [
            math.sqrt(2 * outputs) / weights.flatten(1).norm(dim=1)
            for weights, (outputs, _) in zip(self.layers(vectors), self.shapes, strict=True)
        ]
        return torch.stack(factors).prod(dim=0)

    def _outputs(self, vectors: Tensor, inputs: Tensor) -> Tensor:
        first, *others = self.layers(vectors)
        values = (first.flatten(0, 1) @ inputs.T).view(*first.shape[:2], len(inputs))
        for weights in others:
            values = torch.bmm(weights, values.relu())
        return values[:, 0]
