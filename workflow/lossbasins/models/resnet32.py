"""The ResNet-32 of He et al. (2016) for 32x32 images, with parameter-free shortcuts."""

from torch import nn

from lossbasins.models.residual import PaddedShortcut, residual_network

BLOCKS = (5, 5, 5)
"""Residual blocks of each stage: 2 (5 + 5 + 5) + 2 layers."""


def build(channels: int, height: int, width: int, classes: int, *, base: int = 16) -> nn.Sequential:
    """Three stages of five residual blocks, a global average pool and a linear layer.

    With the default width, three channels and ten classes it has 464,154 parameters.

    Args:
        channels: of the images.
        height: of the images in pixels, at least 4.
        width: of the images in pixels, likewise.
        classes: number of outputs.
        base: channels of the first stage; the others have twice and four times as many.

    Returns:
        A network from (n, channels, height, width) to logits (n, classes).

    Raises:
        ValueError: the images or `base` are too small.
    """
    return residual_network((channels, height, width), classes, blocks=BLOCKS, base=base, shortcut=PaddedShortcut)
