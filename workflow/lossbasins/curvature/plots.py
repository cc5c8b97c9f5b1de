"""Pictures of curvature in one call each: densities, spectra, and the loss along directions and on planes.

Needs Matplotlib, which nothing else here imports. Every function draws on the axes it is given, or on new ones, and
returns them. Colours are told apart without colour vision, and lines by their dashes too.
"""

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from lossbasins.curvature.autodiff import gradient_at
from lossbasins.curvature.eigenpairs import Eigenpairs
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.progress import Progress
from lossbasins.curvature.slices import losses_at
from lossbasins.curvature.spectrum import Spectrum
from lossbasins.quadrature import SpectralDensity

try:
    from matplotlib import pyplot as plt
    from matplotlib.axes import Axes
    from matplotlib.colors import LogNorm
    from matplotlib.ticker import MaxNLocator
except ImportError as error:
    raise ImportError("lossbasins.curvature.plots needs Matplotlib: pip install lossbasins[plots]") from error

EIGENVALUE = "eigenvalue (loss per squared parameter)"

UNITS = {"cross_entropy": " (nats)", "binary_cross_entropy": " (nats)", "mse": " (squared output units)"}
"""Of losses, by their names."""

SERIES = (("#0072b2", "-"), ("#d55e00", "--"), ("#009e73", "-."), ("#cc79a7", ":"), ("#000000", (0, (6, 1, 1, 1))))
"""Colours of Okabe and Ito, which differ without colour vision, with dashes that differ without any colour."""

DECADES = 6
"""Of magnitudes that a symmetric logarithmic axis shows on each side of zero at most."""

LEVELS = 12
"""Of the loss on a plane, about."""


def density(found: SpectralDensity, *, width: float | None = None, points: int = 1000, ax: Axes | None = None) -> Axes:
    """The spectral density, on a logarithmic axis, with a band of two standard errors over probes.

    Args:
        found: by `spectral_density`.
        width: standard deviation of the Gaussian that smooths it, in eigenvalues; the resolution by default.
        points: that it is evaluated at.
        ax: to draw on.
    """
    ax = _axes(ax)
    width = width or found.resolution
    low, high = min(nodes[0] for nodes in found.nodes), max(nodes[-1] for nodes in found.nodes)
    at = np.linspace(low - 4 * width, high + 4 * width, points)
    mean, error = found.evaluate(at, width)
    floor = 0.1 / (found.count * width * np.sqrt(2 * np.pi))  # a tenth of the peak of one eigenvalue
    color, _ = SERIES[0]
    band = np.clip([mean - 2 * error, mean + 2 * error], floor, None)
    ax.fill_between(at, *band, color=color, alpha=0.3, linewidth=0)
    ax.plot(at, np.clip(mean, floor, None), color=color, linewidth=1)
    ax.set(yscale="log", ylim=(floor, None), xlabel=EIGENVALUE, ylabel="share of eigenvalues per unit")
    return ax


def spectrum(found: Spectrum, *, bins: int = 60, limit: float | None = None, ax: Axes | None = None) -> Axes:
    """A histogram of all eigenvalues, with logarithmic counts.

    Args:
        found: by `spectrum`.
        bins: of the histogram.
        limit: magnitude up to which eigenvalues are shown, on a linear axis; by default all are, on an axis that is
            logarithmic on both sides of zero and linear where eigenvalues are rounding, or small.
        ax: to draw on.
    """
    ax = _axes(ax)
    values = found.eigenvalues
    if limit is not None:
        edges = np.linspace(-limit, limit, bins + 1)
        label = f"{EIGENVALUE};\n{np.count_nonzero(np.abs(values) <= limit):,} of {values.size:,} are shown"
    else:
        largest = float(np.abs(values).max()) or 1.0
        linear = max(found.tolerance, largest / 10**DECADES)
        places = np.linspace(_place(values.min(), linear), _place(values.max(), linear), bins + 1)
        edges = np.sign(places) * linear * np.where(np.abs(places) < 1, np.abs(places), 10 ** (np.abs(places) - 1))
        edges[[0, -1]] = np.nextafter([values.min(), values.max()], [-np.inf, np.inf])
        ax.set_xscale("symlog", linthresh=linear, linscale=0.9)  # 0.9: the linear part is as wide as a decade
        ax.set_xticks(_ticks(values, linear))
        label = EIGENVALUE
    ax.hist(values, bins=edges.tolist(), color=SERIES[0][0])
    ax.set(yscale="log", ylim=(0.5, None), xlabel=label, ylabel="eigenvalues in a bin")
    return ax


def loss_along(
    objective: Objective,
    found: Eigenpairs,
    *,
    count: int = 3,
    radius: float = 1.0,
    points: int = 41,
    chunk: int | None = None,
    progress: Progress | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The mean loss along the first eigenvectors, and thin, the parabolas that slopes and eigenvalues predict.

    Args:
        objective: whose parameters are in the middle.
        found: by `top_eigenpairs`.
        count: how many eigenvectors, five at most.
        radius: greatest distance, in parameter units.
        points: on each line.
        chunk: samples of data at a time.
        progress: called with the losses of a line that are computed, and their number, after each.
        ax: to draw on.
    """
    ax = _axes(ax)
    distances = np.linspace(-radius, radius, points)
    gradient = gradient_at(objective, objective.parameters, chunk).cpu().numpy()
    pairs = list(zip(found.values, found.vectors.T, SERIES, strict=False))[:count]
    highest = 0.0
    for number, (value, vector, (color, dashes)) in enumerate(pairs, start=1):
        losses = losses_at(objective, [vector], distances[:, None], chunk=chunk, progress=progress)
        predicted = objective.value + float(gradient @ vector) * distances + value / 2 * distances**2
        label = f"vector {number}, eigenvalue {value:.3g}"
        ax.plot(distances, losses, color=color, linestyle=dashes, linewidth=1.6, label=label)
        ax.plot(distances, predicted, color=color, linewidth=0.6)
        highest = max(highest, float(losses[np.isfinite(losses)].max()))
    ax.set(ylim=(None, 1.05 * highest), xlabel="distance (parameter units)", ylabel=_loss_label(objective))
    ax.legend(
        frameon=False, title="thin: predicted parabola", alignment="left", loc="lower left", bbox_to_anchor=(0, 1)
    )
    return ax


def loss_plane(
    objective: Objective,
    first: ArrayLike | Tensor,
    second: ArrayLike | Tensor,
    *,
    radius: float = 1.0,
    points: int = 21,
    chunk: int | None = None,
    progress: Progress | None = None,
    ax: Axes | None = None,
) -> Axes:
    """The mean loss on the plane of two directions, with the parameters as they are at the cross.

    Args:
        objective: whose parameters are in the middle.
        first: shape (P,), of any length: the horizontal direction, such as `top.vectors[:, 0]`.
        second: shape (P,): the vertical one.
        radius: greatest distance along each, in parameter units.
        points: along each.
        chunk: samples of data at a time.
        progress: called with the losses computed, and their number, after each.
        ax: to draw on.

    Raises:
        ValueError: a direction of length zero, or of another shape.
    """
    ax = _axes(ax)
    vectors = [_unit(direction) for direction in (first, second)]
    distances = np.linspace(-radius, radius, points)
    grid = np.stack(np.meshgrid(distances, distances), axis=-1)
    losses = np.ma.masked_invalid(losses_at(objective, vectors, grid, chunk=chunk, progress=progress))
    low, high = float(losses.min()), float(losses.max())
    if high > 30 * low > 0:
        levels, norm = np.geomspace(low, high, LEVELS).tolist(), LogNorm(low, high)
    else:
        levels, norm = list(MaxNLocator(LEVELS).tick_values(low, high)), None
    filled = ax.contourf(distances, distances, losses, levels, norm=norm, cmap="cividis")
    ax.contour(distances, distances, losses, levels, colors="white", linewidths=0.3)
    ax.plot(0, 0, "+", color="white", markersize=10, markeredgewidth=1.5)
    bar = ax.figure.colorbar(filled, ax=ax, label=_loss_label(objective), format="%.3g")
    bar.set_ticks(levels[::2])
    ax.set(
        aspect="equal",
        xlabel="distance along the first direction\n(parameter units)",
        ylabel="distance along the second direction\n(parameter units)",
    )
    return ax


def _axes(ax: Axes | None) -> Axes:
    return plt.subplots(layout="constrained")[1] if ax is None else ax


def _place(value: float, linear: float) -> float:
    """On a symmetric logarithmic axis, in decades; the linear part on each side of zero counts as one."""
    share = abs(value) / linear
    return float(np.sign(value) * (share if share < 1 else 1 + np.log10(share)))


def _ticks(values: NDArray[np.float64], linear: float) -> list[float]:
    """Zero and powers of ten within the values, two or three on each side, none beside the linear part."""
    largest = float(np.abs(values).max())
    if largest <= 10 * linear:
        return [0.0]
    last = int(np.floor(np.log10(largest)))
    first = int(np.ceil(np.log10(linear))) + 1
    powers = [10.0**exponent for exponent in range(last, first - 1, -max(1, (last - first + 2) // 2))]
    return sorted(
        tick for tick in [0.0, *powers, *(-power for power in powers)] if values.min() <= tick <= values.max()
    )


def _unit(direction: ArrayLike | Tensor) -> NDArray[np.float64]:
    vector = torch.as_tensor(direction).detach().cpu().double().numpy()
    length = float(np.linalg.norm(vector))
    if not length:
        raise ValueError("a direction of length zero spans no plane: give two directions that are none")
    return vector / length


def _loss_label(objective: Objective) -> str:
    return f"mean loss{UNITS.get(objective.loss.name, '')}"
