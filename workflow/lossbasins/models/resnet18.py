"""The ResNet-18 of He et al. (2016) with the stem for 32x32 images: one 3x3 convolution of stride 1, and no pool."""

from torch import nn

from lossbasins.models.residual import projection, residual_network

BLOCKS = (2, 2, 2, 2)
"""Residual blocks of each stage: 2 (2 + 2 + 2 + 2) + 2 layers, projections apart."""


def build(channels: int, height: int, width: int, classes: int, *, base: int = 64) -> nn.Sequential:
    """Four stages of two residual blocks with projection shortcuts, a global average pool and a linear layer.

    With the default width, three channels and ten classes it has 11,173,962 parameters.

    Args:
        channels: of the images.
        height: of the images in pixels, at least 8.
        width: of the images in pixels, likewise.
        classes: number of outputs.
        base: channels of the first stage; each later one has twice as many as the one before.

    Returns:
        A network from (n, channels, height, width) to logits (n, classes).

    Raises:
        ValueError: the images or `base` are too small.
    """
    return residual_network((channels, height, width), classes, blocks=BLOCKS, base=base, shortcut=projection)
