"""Spectral densities as quadrature rules, one for each random vector."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SpectralDensity:
    """Quadrature rules for the spectral measure of a symmetric matrix, one for each random vector.

    Attributes:
        nodes: for each probe, eigenvalue estimates, ascending.
        weights: for each probe, the share of all eigenvalues that each node stands for; they sum to one.
        count: how many eigenvalues the whole measure stands for: P less the deflated ones.
        steps: Lanczos steps of each probe.
        matvecs: products spent.
    """

    nodes: list[Array]
    weights: list[Array]
    count: int
    steps: int
    matvecs: int

    @property
    def resolution(self) -> float:
        """Spacing of eigenvalues that the rule tells apart in the middle of the spectrum: its range over the steps.

        Towards both ends of the spectrum it resolves much finer.
        """
        return float(max(nodes[-1] for nodes in self.nodes) - min(nodes[0] for nodes in self.nodes)) / self.steps

    def evaluate(self, points: ArrayLike, width: float | None = None) -> tuple[Array, Array]:
        """Density at some points, smoothed with a Gaussian, and the standard error of it over probes.

        Args:
            points: eigenvalues, shape (m,).
            width: standard deviation of the Gaussian; the resolution by default.

        Returns:
            Mean and standard error, both (m,), in shares of the eigenvalues per unit of eigenvalue.

        Raises:
            ValueError: no width, where the resolution is zero.
        """
        width = width or self.resolution
        if not width > 0:
            raise ValueError(f"width={width}: give a positive one, as all eigenvalues coincide")
        at = np.asarray(points, dtype=np.float64)[:, None]
        curves = np.stack(
            [
                (np.exp(-0.5 * ((at - nodes) / width) ** 2) * weights).sum(1) / (width * np.sqrt(2 * np.pi))
                for nodes, weights in zip(self.nodes, self.weights, strict=True)
            ]
        )
        return self._averaged(curves)

    def moment(self, power: int) -> tuple[float, float]:
        """Sum of the eigenvalues to a power, with its standard error: the trace for 1, the squared norm for 2."""
        sums = np.array([(w * x**power).sum() * self.count for x, w in zip(self.nodes, self.weights, strict=True)])
        mean, error = self._averaged(sums)
        return float(mean), float(error)

    def above(self, threshold: float) -> tuple[float, float]:
        """Number of eigenvalues above a threshold, with its standard error."""
        counts = np.array([w[x > threshold].sum() * self.count for x, w in zip(self.nodes, self.weights, strict=True)])
        mean, error = self._averaged(counts)
        return float(mean), float(error)

    def _averaged(self, rows: Array) -> tuple[Array, Array]:
        return rows.mean(0), rows.std(0, ddof=1) / np.sqrt(len(rows))
