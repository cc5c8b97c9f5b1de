"""The largest eigenvalues of the Hessian of the training loss, and the density of all others (section 5.1)."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from lossbasins.curvature.density import spectral_density
from lossbasins.curvature.eigenpairs import top_eigenpairs
from lossbasins.curvature.progress import Progress
from lossbasins.measures.solution import Arrays, Solution

Array = npt.NDArray[np.float64]

PRECISION = "float32"
ARRAYS = ("largest", "residuals", "nodes", "weights", "count")
RESOURCES = {"gpu": 1, "mem_mb": 16000, "runtime": 120}


def measure(
    solution: Solution,
    *,
    top: Annotated[int, Field(ge=1)] = 10,
    probes: Annotated[int, Field(ge=2)] = 4,
    steps: Annotated[int, Field(ge=2)] = 60,
) -> Arrays:
    """What stands for a spectrum where a network is too large for all of it.

    Args:
        solution: with a seed of its own for the probes.
        top: how many of the largest eigenvalues; they are left out of the density, free of whose noise it then is.
        probes: random vectors; the error is their spread.
        steps: of Lanczos from each probe; with `top` some products in all, each with the whole training set.

    Returns:
        `largest` (top,), descending, and `residuals` (top,), |H v - lambda v|; quadrature `nodes` and `weights`, each
        (probes, steps), of which the weights of a probe sum to one; `count`, how many eigenvalues these stand for.
    """
    pairs = top_eigenpairs(solution.objective, top, seed=solution.seed, progress=_told(solution, "largest", 0))
    density = spectral_density(
        solution.objective,
        probes=probes,
        steps=steps,
        seed=solution.seed,
        deflate=pairs,
        progress=_told(solution, "density", 1),
    )
    return {
        "largest": pairs.values,
        "residuals": pairs.residual_norms,
        "nodes": _rectangular(density.nodes, steps),
        "weights": _rectangular(density.weights, steps),
        "count": np.array(density.count),
    }


def _told(solution: Solution, what: str, half: int) -> Progress:
    """Progress of the first half or the second."""

    def told(done: int, total: int) -> None:
        solution.progress.keep(f"{what}, product {done}/{total}", (half + done / total) / 2, lambda: None)

    return told


def _rectangular(rows: Sequence[Array], steps: int) -> Array:
    """Rows of one length: where Lanczos ended early, as it has all there is, zeros follow, of no weight."""
    return np.array([np.pad(row, (0, steps - row.size)) for row in rows])
