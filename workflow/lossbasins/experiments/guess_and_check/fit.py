"""How networks fit images of two classes."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

from lossbasins.data.parity import Points
from lossbasins.experiments.guess_and_check.nets import Nets


@dataclass(frozen=True, eq=False)
class Fit:
    """Networks of one shape, and the images that they are to tell apart."""

    nets: Nets
    inputs: Tensor
    """Shape (n, d), float32."""
    targets: Tensor
    """Shape (n,), float32: +1 and -1."""

    @classmethod
    def of(cls, nets: Nets, points: Points, size: int | None = None) -> "Fit":
        """To the first `size` points, or to all."""
        return cls(nets, points.inputs[:size].float(), points.targets[:size, 0].float())

    def margins(self, vectors: Tensor) -> Tensor:
        """Output times target, (N, n), from vectors (N, P): positive where an image is classified right."""
        return self.targets * self.nets.outputs(vectors, self.inputs)

    def correct(self, vectors: Tensor) -> Tensor:
        """How many images each network classifies right, int64, (N,)."""
        return (self.margins(vectors) > 0).sum(dim=1)

    def loss(self, vectors: Tensor) -> Tensor:
        """The mean of log(1 + exp(-m)) over margins m, (N,); gradients pass."""
        return softplus(-self.margins(vectors)).mean(dim=1)

    def normalised_margins(self, vectors: Tensor) -> Tensor:
        """Those with each layer at its usual norm under the prior, (N, n)."""
        return self.margins(vectors) * self.nets.scale(vectors)[:, None]

    def normalised_loss(self, vectors: Tensor) -> Tensor:
        """The loss at normalised margins, (N,)."""
        return softplus(-self.normalised_margins(vectors)).mean(dim=1)

    def score(self, vectors: Tensor) -> Tensor:
        """What sampling climbs, float32, (N,).

        The number of images that are right and, once all are, n + log(log 2 / normalised loss), which is above n since
        no image costs more than log 2 then.
        """
        margins = self.margins(vectors)
        right = (margins > 0).sum(dim=1)
        loss = softplus(-margins * self.nets.scale(vectors)[:, None]).mean(dim=1)
        beyond = torch.log(math.log(2) / loss).clamp(min=0)
        return torch.where(right == len(self.targets), right + beyond, right.to(beyond.dtype))

    def score_at(self, loss: float) -> float:
        """The score of a network that classifies all images right with this normalised loss."""
        return len(self.targets) + math.log(math.log(2) / loss)
