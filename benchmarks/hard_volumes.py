"""Free energies beside volumes that are counted: python benchmarks/hard_volumes.py POINT.

A POINT is a folder of a finished study with `thermodynamic_integration`, such as results/free-energy/runs/.../matched.
For its first solutions the prior is split into levels of dL (subset simulation), a method that shares neither chains
nor temperatures with the free energies, down to a fraction of the mean of dL at the largest inverse temperature b. The
volumes V(c) of {dL <= c} give a free energy too, exp(-F(b)) = b int V(c) exp(-b c) dc. Prints F(b) of both chains and
of all populations in nats, and the difference of their means in units of its standard error. They agree where it is no
larger than the error that a free energy may have to count.
"""

import argparse
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import logsumexp

from lossbasins.data.tensors import train_part
from lossbasins.measures.integrated import ERROR, free_energy
from lossbasins.measures.solution import Solution
from lossbasins.measures.surroundings import landscape_below
from lossbasins.provenance.manifest import read_manifest
from lossbasins.sampling.prior import prior_variances
from lossbasins.sampling.subset import Population, Splitting
from lossbasins.sampling.thermodynamic import Landscape
from lossbasins.specs.measure import Spec
from lossbasins.stages.arrays import read_split
from lossbasins.stages.measured import read_arrays
from lossbasins.stages.solutions import read_solutions

Values = NDArray[np.float64]
MEASURE = "thermodynamic_integration"
SCALE = 1.0
"""Of the prior."""
DEEPEST = 0.5
"""Of the mean of dL at the largest inverse temperature: the lowest level, since volumes below it hardly count."""
GRID = 20_000
"""Values of c that the integral is taken over."""


def main() -> None:
    """Prints a line for each solution."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("points", type=Path, nargs="+", metavar="POINT")
    parser.add_argument("--solutions", type=int, default=3, help="of each point")
    parser.add_argument("--populations", type=int, default=2)
    parser.add_argument("--particles", type=int, default=200)
    options = parser.parse_args()
    torch.set_num_threads(1)
    splitting = Splitting(particles=options.particles, share=0.2, moves=5, levels=200)
    for point in options.points:
        compare(point, options.solutions, options.populations, splitting)


def compare(point: Path, count: int, populations: int, splitting: Splitting) -> None:
    """Both for some solutions of a point."""
    manifest = read_manifest(point / f"{MEASURE}.manifest.json")
    spec = Spec.model_validate(manifest.spec)
    paths = {one.name: Path(one.path) for one in manifest.inputs}
    if missing := [str(path) for path in (paths["split"], paths["solutions"]) if not path.is_file()]:
        raise SystemExit(f"{point}: lacks {missing[0]}, which frozen results leave out; give a point of a finished run")
    split = read_split(paths["split"])
    solutions = read_solutions(paths["solutions"], spec.model, split)
    train = train_part(split, torch.float32, "cpu")
    found = read_arrays(point / f"{MEASURE}.npz")
    scale = int(np.flatnonzero(found["prior_scales"][0] == SCALE)[0])
    for row, replica in enumerate(found["replica"][:count]):
        arrays = {name: values[row] for name, values in found.items()}
        model = solutions.model(int(replica), torch.float32, "cpu")
        solution = Solution(model, train, seed=0, arrays={MEASURE: arrays})
        chains = arrays["free_energy"][scale, :, -1]
        sampled = free_energy(solution, SCALE)
        b = float(arrays["inverse_temperatures"][-1])
        target = DEEPEST * float(arrays["excess_loss"][scale, :, -1].mean())
        variances = SCALE * prior_variances(model, spec.measures[0].options["bias_variance"])
        landscape = landscape_below(solution, target, variances)
        counted = np.array([counted_free_energy(landscape, target, b, splitting, seed) for seed in range(populations)])
        scatter = counted.std(ddof=1) / math.sqrt(populations)
        difference = counted.mean() - sampled.value
        verdict = "agree" if abs(difference) <= ERROR else "differ"
        apart = difference / math.hypot(sampled.standard_error, scatter)
        print(
            f"{point.parent.parent.name} {point.parent.name} {replica}: F({b:g}) by chains "
            f"{' and '.join(f'{value:.1f}' for value in chains)} "
            f"({sampled.reason or f'error {sampled.standard_error:.1f}'}), by levels "
            f"{' and '.join(f'{value:.1f}' for value in counted)} (error {scatter:.1f}): "
            + ("not compared" if sampled.reason else f"{verdict}, {difference:+.1f} nats, {apart:+.1f} errors"),
            flush=True,
        )


def counted_free_energy(landscape: Landscape, target: float, b: float, splitting: Splitting, seed: int) -> float:
    """F(b) of one population that is split down to a target level."""
    population = Population(landscape.excess_alone, landscape.curvature, landscape.vectors, target, splitting, seed)
    levels: list[float] = []
    logarithms: list[float] = []
    while not population.done:
        population.advance()
        level = target if population.done else population.level
        if math.isfinite(level) and (not levels or level < levels[-1]):
            levels.append(level)
            logarithms.append(population.log_probability)
    return from_volumes(levels, logarithms, b)


def from_volumes(levels: Sequence[float], logarithms: Sequence[float], b: float) -> float:
    """-log of b int V(c) exp(-b c) dc, where log V is linear in log c between levels and, as from the last two, below.

    Args:
        levels: of dL, falling and positive.
        logarithms: log V of each.
        b: inverse temperature.
    """
    x, y = np.log(levels)[::-1], np.array(logarithms)[::-1]
    slope = (y[1] - y[0]) / (x[1] - x[0])
    grid = np.linspace(x[0] - 10, x[-1], GRID)
    volumes = np.where(grid < x[0], y[0] + slope * (grid - x[0]), np.interp(grid, x, y))
    terms = math.log(b) + volumes - b * np.exp(grid) + grid + math.log(grid[1] - grid[0])
    return -float(logsumexp(terms))


if __name__ == "__main__":
    main()
