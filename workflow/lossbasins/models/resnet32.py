"""The ResNet-32 of He et al. (2016) for 32x32 images, with parameter-free shortcuts."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

BLOCKS = 5
"""Residual blocks of each of the three stages: 6 * 5 + 2 layers."""


class Shortcut(nn.Module):
    """Option A: every second pixel, and zeros for the channels that are new."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.channels = channels
        self.stride = stride

    def forward(self, inputs: Tensor) -> Tensor:
        """From (n, c, h, w) to (n, channels, h / stride, w / stride)."""
        sampled = inputs[:, :, :: self.stride, :: self.stride]
        new = self.channels - inputs.shape[1]
        return F.pad(sampled, (0, 0, 0, 0, new // 2, new - new // 2))


class Block(nn.Module):
    """Two 3x3 convolutions with batch norm around a shortcut."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(channels, out, kernel_size=3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(),
            nn.Conv2d(out, out, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(out),
        )
        self.shortcut = nn.Identity() if (channels, stride) == (out, 1) else Shortcut(out, stride)

    def forward(self, inputs: Tensor) -> Tensor:
        """From (n, channels, h, w) to (n, out, h / stride, w / stride)."""
        return torch.relu(self.residual(inputs) + self.shortcut(inputs))


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
        ValueError: the images are too small.
    """
    if min(height, width) < 4:
        raise ValueError(f"images of {height}x{width} pixels: a ResNet-32 needs at least 4x4")
    layers: list[nn.Module] = [
        nn.Conv2d(channels, base, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(base),
        nn.ReLU(),
    ]
    width_in = base
    for stage in range(3):
        out = base * 2**stage
        for block in range(BLOCKS):
            layers.append(Block(width_in, out, stride=2 if stage > 0 and block == 0 else 1))
            width_in = out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width_in, classes))
