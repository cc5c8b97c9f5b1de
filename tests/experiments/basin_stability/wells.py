"""Landscapes of two parameters whose basins are known: each well is a bowl around its centre."""

import torch
from torch import nn

from lossbasins.data.tensors import Part
from lossbasins.specs.polish import PolishChoices

FLOOR = 0.01
"""L_S at the centres."""
DESCENT = PolishChoices(target={"loss": FLOOR + 1e-4}, limit=200, precision="float64")


class Wells(nn.Module):
    """L_S = least of |w - c|^2 / 2 over the centres c, plus a floor; its basins are the half planes between them.

    A training image (0) has the label 0 and the logits (-log(e^L - 1), 0), whose cross-entropy is L; a test image (1)
    is of class 0 at the first centre and of class 1 at the last.
    """

    def __init__(self, *centres):
        super().__init__()
        self.w = nn.Parameter(torch.tensor(centres[0], dtype=torch.float64))
        self.centres = torch.tensor(centres, dtype=torch.float64)

    def forward(self, inputs):
        squares = (self.w - self.centres).square().sum(dim=1)
        loss = squares.min() / 2 + FLOOR
        trained = torch.stack([-loss - torch.log(-torch.expm1(-loss)), torch.zeros_like(loss)])
        tested = -squares[torch.tensor([0, len(squares) - 1])]
        if len(squares) == 1:
            tested = tested * torch.tensor([1.0, 2.0])
        return torch.where(inputs[:, :1] > 0, tested, trained)


def part(value, images=3):
    inputs = torch.full((images, 1), float(value), dtype=torch.float64)
    return Part(inputs, torch.zeros(images, dtype=torch.int64))


TRAIN, TEST = part(0), part(1)
