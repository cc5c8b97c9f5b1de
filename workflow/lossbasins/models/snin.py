"""The sNIN: a network in network (Lin et al., 2014) small enough for its whole Hessian."""

from torch import nn


def build(
    channels: int, height: int, width: int, classes: int, *, widths: tuple[int, int, int] = (10, 20, 20)
) -> nn.Sequential:
    """Three convolutions, each followed by one of 1x1 pixels, and a global average pool in place of dense layers.

    The paper does not give its widths; these are ours. A pool comes before its ReLU: as that is monotone the two
    commute, and so there is a quarter of the work. With the default widths and ten classes it has 9,640 parameters on
    one channel and 10,140 on three.

    Args:
        channels: of the images.
        height: of the images in pixels, at least 4.
        width: of the images in pixels, likewise.
        classes: number of outputs.
        widths: channels of the three blocks, each at least one.

    Returns:
        A network from (n, channels, height, width) to logits (n, classes).

    Raises:
        ValueError: the images are too small, or a width is.
    """
    if min(height, width) < 4:
        raise ValueError(f"images of {height}x{width} pixels: a sNIN needs at least 4x4")
    if min(widths) < 1:
        raise ValueError(f"widths {list(widths)}: a sNIN needs at least one channel in each")
    first, second, third = widths
    return nn.Sequential(
        nn.Conv2d(channels, first, kernel_size=5, padding=2),
        nn.ReLU(),
        nn.Conv2d(first, first, kernel_size=1),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(first, second, kernel_size=5, padding=2),
        nn.ReLU(),
        nn.Conv2d(second, second, kernel_size=1),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(second, third, kernel_size=3, padding=1),
        nn.ReLU(),
        nn.Conv2d(third, classes, kernel_size=1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )
