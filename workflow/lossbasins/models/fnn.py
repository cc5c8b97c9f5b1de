"""Fully connected ReLU networks of any depth and width."""

from itertools import pairwise

from torch import nn


def build(channels: int, height: int, width: int, classes: int, *, hidden: tuple[int, ...] = (64,)) -> nn.Sequential:
    """A multilayer perceptron on flattened images.

    Args:
        channels: of the images.
        height: of the images in pixels.
        width: of the images in pixels.
        classes: number of outputs.
        hidden: units of each hidden layer, from the input on; empty for a linear model.

    Returns:
        A network from (n, channels, height, width) to logits (n, classes).

    Raises:
        ValueError: a layer without units.
    """
    if any(units < 1 for units in hidden):
        raise ValueError(f"hidden {list(hidden)}: each layer needs at least one unit")
    units = [channels * height * width, *hidden, classes]
    layers: list[nn.Module] = [nn.Flatten()]
    for fan_in, fan_out in pairwise(units):
        layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])
