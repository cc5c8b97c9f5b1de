"""The LeNet that the paper trains on whole MNIST: two convolutions and two dense layers."""

from torch import nn

KERNEL = 5
"""Height and width of the windows of both convolutions."""
SMALLEST = 16
"""Height and width of the least images of which something is left after two convolutions and pools."""


def build(
    channels: int, height: int, width: int, classes: int, *, widths: tuple[int, int, int] = (20, 50, 500)
) -> nn.Sequential:
    """Two convolutions, each with a pool, and a hidden dense layer, with ReLU throughout.

    A pool comes before its ReLU: as that is monotone the two commute, and so there is a quarter of the work.
    With the default widths and ten classes it has 431,080 parameters on MNIST's 28x28 pixels, and 657,080 on 32x32
    pixels of three channels: the first dense layer grows with the images.

    Args:
        channels: of the images.
        height: of the images in pixels, at least 16.
        width: of the images in pixels, likewise.
        classes: number of outputs.
        widths: channels after the first and the second convolution, and units of the hidden layer, each at least one.

    Returns:
        A network from (n, channels, height, width) to logits (n, classes).

    Raises:
        ValueError: the images are too small, or a width is.
    """
    if min(height, width) < SMALLEST:
        raise ValueError(f"images of {height}x{width} pixels: a LeNet needs at least {SMALLEST}x{SMALLEST}")
    if min(widths) < 1:
        raise ValueError(f"widths {list(widths)}: a LeNet needs at least one channel or unit in each")
    first, second, hidden = widths
    return nn.Sequential(
        nn.Conv2d(channels, first, KERNEL),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Conv2d(first, second, KERNEL),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(second * _pooled(height) * _pooled(width), hidden),
        nn.ReLU(),
        nn.Linear(hidden, classes),
    )


def _pooled(pixels: int) -> int:
    """What two convolutions and pools leave of a height or width."""
    for _ in range(2):
        pixels = (pixels - KERNEL + 1) // 2
    return pixels
