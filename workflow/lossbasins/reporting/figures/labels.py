"""Words and numbers as figures write them."""

from matplotlib.axes import Axes

MINUS = "\N{MINUS SIGN}"


def attack(weight: float, size: float) -> str:
    """An attack setting, the weight being the paper's gamma; weight 0 is no attack."""
    return rf"$\gamma$ = {weight:g}, {size:.0f} images" if weight else "unattacked"


def signed(value: float) -> str:
    """A coefficient with two digits and a true minus sign."""
    return f"{value:.2f}".replace("-", MINUS)


def empty(axes: Axes, text: str) -> None:
    """Says in an empty panel why it is empty."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", wrap=True)
    axes.set(xticks=[], yticks=[])
