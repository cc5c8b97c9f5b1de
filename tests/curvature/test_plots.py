import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from torch import nn

from lossbasins.curvature import (
    Objective,
    losses_at,
    matrix_spectrum,
    plots,
    spectral_density,
    spectrum,
    top_eigenpairs,
)


@pytest.fixture(scope="module")
def objective():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 3)).double().eval()
    return Objective(model, torch.randn(20, 4).double(), torch.randint(0, 3, (20,)))


@pytest.fixture(scope="module")
def top(objective):
    return top_eigenpairs(objective, 3)


@pytest.fixture
def ax():
    mpl.use("Agg")
    figure, ax = plt.subplots()
    yield ax
    figure.canvas.draw()
    plt.close(figure)


@pytest.mark.parametrize(
    "values",
    [np.r_[np.zeros(30), -1e-3, np.logspace(-5, 2, 40)], np.ones(4), np.zeros(3), -np.logspace(0, 9, 20), [2.0, 3.0]],
)
def test_every_eigenvalue_is_in_a_bin(values, ax):
    values = np.asarray(values)
    drawn = plots.spectrum(matrix_spectrum(torch.from_numpy(values).diag()), ax=ax)
    assert drawn is ax
    assert sum(bar.get_height() for bar in ax.patches) == len(values)
    assert "loss per squared parameter" in ax.get_xlabel()


def test_zoom_shows_what_lies_within(objective, ax):
    found = spectrum(objective)
    plots.spectrum(found, limit=0.01, ax=ax)
    within = np.count_nonzero(np.abs(found.eigenvalues) <= 0.01)
    assert sum(bar.get_height() for bar in ax.patches) == within
    assert f"{within} of 43 are shown" in ax.get_xlabel()


def test_density_is_that_of_the_quadrature(objective, ax):
    found = spectral_density(objective, probes=3, steps=8)
    plots.density(found, ax=ax)
    at, drawn = ax.lines[0].get_data()
    mean, _ = found.evaluate(at)
    shown = mean > drawn.min()
    assert shown.sum() > 100
    np.testing.assert_allclose(drawn[shown], mean[shown])


def test_losses_along_eigenvectors_beside_their_parabolas(objective, top, ax):
    told = []
    plots.loss_along(objective, top, count=2, radius=0.01, points=5, progress=lambda *n: told.append(n), ax=ax)
    assert len(ax.lines) == 4
    assert told == [(done, 5) for _ in range(2) for done in range(1, 6)]
    for losses, parabola in (ax.lines[:2], ax.lines[2:]):
        np.testing.assert_allclose(losses.get_ydata(), parabola.get_ydata(), rtol=1e-5)  # the third order is small here
    expected = losses_at(objective, [top.vectors[:, 1]], np.linspace(-0.01, 0.01, 5)[:, None])
    np.testing.assert_array_equal(ax.lines[2].get_ydata(), expected)


@pytest.mark.parametrize("radius", [0.1, 20.0])
def test_losses_on_a_plane(objective, top, radius, ax):
    plots.loss_plane(
        objective, 7 * top.vectors[:, 0], torch.from_numpy(top.vectors[:, 1]), radius=radius, points=7, ax=ax
    )
    levels = ax.collections[0].levels
    corners = losses_at(objective, top.vectors.T[:2], radius * np.array([[1, 1], [-1, 1], [1, -1], [-1, -1], [0, 0]]))
    assert levels.min() <= corners.min() * (1 + 1e-12)
    assert levels.max() >= corners.max() * (1 - 1e-12)
    assert "(nats)" in ax.figure.axes[1].get_ylabel()


def test_new_axes_where_none_are_given(objective, top):
    mpl.use("Agg")
    ax = plots.loss_along(objective, top, points=3)
    assert ax.figure.axes == [ax]
    plt.close(ax.figure)


def test_a_plane_needs_two_directions(objective, top, ax):
    with pytest.raises(ValueError, match="length zero"):
        plots.loss_plane(objective, top.vectors[:, 0], np.zeros(43), ax=ax)


WITHOUT_MATPLOTLIB = """
import sys
sys.modules["matplotlib"] = None
import lossbasins.curvature
try:
    import lossbasins.curvature.plots
except ImportError as error:
    print(error)
"""


def test_without_matplotlib_it_says_what_to_install():
    done = subprocess.run([sys.executable, "-c", WITHOUT_MATPLOTLIB], capture_output=True, text=True, check=True)
    assert done.stdout == "lossbasins.curvature.plots needs Matplotlib: pip install lossbasins[plots]\n"
