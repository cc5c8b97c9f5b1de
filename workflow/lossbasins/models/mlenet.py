"""The mLeNet: a LeNet small enough for its whole Hessian (section 5.1)."""

from torch import nn


def build(channels: int, height: int, width: int, classes: int, *, widths: tuple[int, int] = (6, 15)) -> nn.Sequential:
    """Three convolutions and a global average pool.

    The pool comes before its ReLU: as that is monotone the two commute, and so there is a quarter of the work.
    With the default widths and ten classes it has 3,781 parameters on one channel and 4,081 on three.

    Args:
        channels: of the images.
        height: of the images in pixels, at least 28 for the last convolution to see its whole window.
        width: of the images in pixels, likewise.
        classes: number of outputs.
        widths: channels after the first and the second convolution, each at least one.

    Returns:
        A network from (n, channels, height, width) to logits (n, classes).

    Raises:
        ValueError: the images are too small, or a width is.
    """
    if min(height, width) < 28:
        raise ValueError(f"images of {height}x{width} pixels: a mLeNet needs at least 28x28")
    if min(widths) < 1:
        raise ValueError(f"widths {list(widths)}: a mLeNet needs at least one channel in each")
    first, second = widths
    return nn.Sequential(
        nn.Conv2d(channels, first, kernel_size=5),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(first, second, kernel_size=5),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(second, classes, kernel_size=3),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )
