"""Residual networks for small images, of any depth and width, with either kind of shortcut (He et al., 2016)."""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Shortcut = Callable[[int, int, int], nn.Module]
"""What leads around a block that changes shapes, from its channels, those that it gives, and its stride."""


class PaddedShortcut(nn.Module):
    """Option A, without parameters: every `stride`-th pixel, and zeros for the channels that are new."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.new = out - channels
        self.stride = stride

    def forward(self, inputs: Tensor) -> Tensor:
        """From (n, channels, h, w) to (n, out, h / stride, w / stride)."""
        sampled = inputs[:, :, :: self.stride, :: self.stride]
        return F.pad(sampled, (0, 0, 0, 0, self.new // 2, self.new - self.new // 2))


def projection(channels: int, out: int, stride: int) -> nn.Sequential:
    """Option B: a convolution of 1x1 pixels with batch norm."""
    return nn.Sequential(
        nn.Conv2d(channels, out, kernel_size=1, stride=stride, bias=False),
        nn.BatchNorm2d(out),
    )


class Block(nn.Module):
    """Two 3x3 convolutions with batch norm around a shortcut."""

    def __init__(self, channels: int, out: int, stride: int, shortcut: Shortcut) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(channels, out, kernel_size=3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(),
            nn.Conv2d(out, out, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(out),
        )
        self.shortcut = nn.Identity() if (channels, stride) == (out, 1) else shortcut(channels, out, stride)

    def forward(self, inputs: Tensor) -> Tensor:
        """From (n, channels, h, w) to (n, out, h / stride, w / stride)."""
        return torch.relu(self.residual(inputs) + self.shortcut(inputs))


def residual_network(
    image_shape: tuple[int, int, int], classes: int, *, blocks: Sequence[int], base: int, shortcut: Shortcut
) -> nn.Sequential:
    """A 3x3 convolution, stages of residual blocks, a global average pool and a linear layer.

    Each stage but the first halves height and width and doubles the channels.

    Args:
        image_shape: channels, height and width.
        classes: number of outputs.
        blocks: of each stage.
        base: channels of the first stage, at least one.
        shortcut: around the first block of each later stage.

    Returns:
        A network from (n, channels, height, width) to logits (n, classes).

    Raises:
        ValueError: the images or `base` are too small.
    """
    channels, height, width = image_shape
    least = 2 ** (len(blocks) - 1)
    if min(height, width) < least:
        raise ValueError(
            f"images of {height}x{width} pixels: a ResNet of {len(blocks)} stages needs at least {least}x{least}"
        )
    if base < 1:
        raise ValueError(f"base {base}: a ResNet needs at least one channel")
    layers: list[nn.Module] = [
        nn.Conv2d(channels, base, kernel_size=3, padding=1, bias=False),
        nn.BatchNorm2d(base),
        nn.ReLU(),
    ]
    width_in = base
    for stage, count in enumerate(blocks):
        out = base * 2**stage
        for block in range(count):
            layers.append(Block(width_in, out, stride=2 if stage > 0 and block == 0 else 1, shortcut=shortcut))
            width_in = out
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width_in, classes))
