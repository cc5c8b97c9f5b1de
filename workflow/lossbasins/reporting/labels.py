"""Words and numbers as figures write them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

MINUS = "\N{MINUS SIGN}"
MODELS = {
    "fnn": "FNN",
    "lenet": "LeNet",
    "mlenet": "mLeNet",
    "resnet18": "ResNet-18",
    "resnet32": "ResNet-32",
    "snin": "sNIN",
}
"""As the paper writes models of these names."""
AUTHORS = {"he": "He", "lecun": "LeCun", "glorot": "Glorot"}


def attack(weight: float, size: float) -> str:
    """An attack setting, the weight being the paper's gamma; weight 0 is no attack, none (NaN) is random labels."""
    if np.isnan(weight):
        return f"random labels, {size:.0f} {'copy' if size == 1 else 'copies'}"
    return rf"$\gamma$ = {weight:g}, {size:.0f} images" if weight else "unattacked"


def model(name: str) -> str:
    """A model as the paper writes it, if it has one of that name."""
    return MODELS.get(name, name)


def init(name: str) -> str:
    """An initialisation, a word a line."""
    return "\n".join(AUTHORS.get(word, word) for word in name.split("-"))


def signed(value: float) -> str:
    """A coefficient with two digits and a true minus sign."""
    return f"{value:.2f}".replace("-", MINUS)


TICKS = {1.5: (1, 3), 0.6: (1, 2, 5), 0.45: (1, 1.5, 2, 3, 4, 6), 0: (1, 1.5, 2, 3, 4, 5, 6, 8)}
"""Of a decade, where the axis has as many decades as the key or more, most first."""


def logarithmic(axis: Axis, low: float, high: float) -> None:
    """Labels the ticks of a logarithmic axis so that about three can be read also within one decade of values."""
    decades = np.log10(high / low)
    if decades < 2:
        axis.set_major_locator(LogLocator(subs=next(subs for least, subs in TICKS.items() if decades >= least)))
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_minor_formatter(NullFormatter())


def empty(axes: Axes, text: str) -> None:
    """Says in an empty panel why it is empty."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", wrap=True)
    axes.set(xticks=[], yticks=[])
