"""Networks to measure: trained a little, so that their curvature is that of a network under way."""

import torch
from torch.nn.functional import cross_entropy

from lossbasins.data.tensors import Part
from lossbasins.models import mlenet
from lossbasins.models.initialisation import initialise
from lossbasins.specs.entries import InitSpec

STEPS = 100
BATCH = 64


def trained_mlenet(part: Part, widths: tuple[int, int] = (6, 15)) -> torch.nn.Module:
    """A mLeNet after some steps of Adam, the same in every call: in float32 and eval mode, on the CPU.

    Args:
        part: the training set, on the CPU.
        widths: its channels.
    """
    generator = torch.Generator().manual_seed(0)
    model = mlenet.build(1, 28, 28, 10, widths=widths)
    initialise(model, InitSpec(), generator)
    descent = torch.optim.Adam(model.parameters(), lr=0.003)
    for _ in range(STEPS):
        chosen = torch.randint(len(part.labels), (BATCH,), generator=generator)
        descent.zero_grad()
        cross_entropy(model(part.inputs[chosen]), part.labels[chosen]).backward()
        descent.step()
    return model.eval()
