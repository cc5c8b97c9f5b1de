"""Small problems to train on."""

import torch

from lossbasins.data.tensors import Part
from lossbasins.training.objective import Problem


def blobs(count, seed, classes=3, shift=0):
    """Images of 1x4x4 pixels around one centre per class."""
    generator = torch.Generator().manual_seed(seed)
    centres = torch.randn(classes, 1, 4, 4, generator=torch.Generator().manual_seed(99))
    labels = torch.arange(count) % classes
    inputs = centres[labels] + 0.3 * torch.randn(count, 1, 4, 4, generator=generator)
    return Part(inputs, (labels + shift) % classes)


def problem(attack_weight=0.0, train=48, attack=20):
    return Problem(blobs(train, seed=1), blobs(attack, seed=2, shift=1) if attack_weight else None, attack_weight)
