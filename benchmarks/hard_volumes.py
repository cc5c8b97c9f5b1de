"""Free energies of a finished study beside hard volumes: python benchmarks/hard_volumes.py results/free-energy.

Of some solutions of each run, matched, two numbers that share nothing but the loss and the prior: -log P(dL <= c) by
subset simulation, and its bound by the free energy, max_b (F(b) - b c), of the mean of both chains, which is close
where E_b[dL] = c. The level c is E_b[dL] at one inverse temperature. Prints both chains' F too, for they are to agree.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from lossbasins.curvature import Objective
from lossbasins.data.tensors import train_part
from lossbasins.measures.surroundings import Surroundings
from lossbasins.sampling.prior import prior_variances
from lossbasins.sampling.subset import Population, Splitting
from lossbasins.specs.entries import ModelSpec
from lossbasins.stages.arrays import read_split
from lossbasins.stages.measured import read_arrays
from lossbasins.stages.solutions import read_solutions

LEAST_BENDING = 0.0005
"""Of c, as in the measure `subset_simulation`."""


def main() -> None:
    """Prints a line for each solution."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study", type=Path, help="folder of its results")
    parser.add_argument("--solutions", type=int, default=2, help="of each run")
    parser.add_argument("--rung", type=int, default=4, help="number of the inverse temperature that sets the level")
    parser.add_argument("--particles", type=int, default=60)
    parser.add_argument("--moves", type=int, default=4)
    parser.add_argument("--bias-variance", type=float, default=0.01, help="of the prior, as the study has it")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(
        "run, replica, F(n) of both chains with errors, level, -log P at least, -log P of two populations", flush=True
    )
    for path in sorted(options.study.glob("runs/*/mlenet/*/*/*/matched/thermodynamic_integration.npz")):
        found = read_arrays(path)
        for place in range(min(options.solutions, len(found["replica"]))):
            print(", ".join([path.parents[1].name, *compared(path, found, place, options)]), flush=True)


def compared(path: Path, found: dict[str, np.ndarray], place: int, options: argparse.Namespace) -> list[str]:
    """What is printed of one solution."""
    scale = int(np.flatnonzero(np.isclose(found["prior_scales"][place], 1))[0])
    b, chains = found["inverse_temperatures"][place], found["free_energy"][place, scale]
    errors = found["free_energy_error"][place, scale, :, -1]
    level = float(found["excess_loss"][place, scale, :, options.rung].mean())
    bound = float(np.max(chains.mean(axis=0) - b * level))
    replica = int(found["replica"][place])
    values = [-hard(path, replica, level, seed, options) for seed in (1, 2)]
    both = [f"{value:.1f} +- {error:.1f}" for value, error in zip(chains[:, -1], errors, strict=True)]
    return [str(replica), *both, f"{level:.4f}", f"{bound:.1f}", *(f"{value:.1f}" for value in values)]


def hard(path: Path, replica: int, level: float, seed: int, options: argparse.Namespace) -> float:
    """The logarithm of P(dL <= level) by one population."""
    study, dataset = path.parents[7], path.parents[5].name
    split = read_split(study / "data" / dataset / "split.npz")
    solutions = read_solutions(path.parent / "solutions.safetensors", ModelSpec(architecture="mlenet"), split)
    train = train_part(split, torch.float32, "cpu")
    model = solutions.model(replica, torch.float32, "cpu")
    deviations = prior_variances(model, options.bias_variance).sqrt()
    surroundings = Surroundings(Objective(model, train.inputs, train.labels), deviations)
    landscape = surroundings.landscape(LEAST_BENDING * level)
    splitting = Splitting(options.particles, share=0.2, moves=options.moves, levels=100)
    population = Population(landscape.excess_alone, landscape.curvature, landscape.vectors, level, splitting, seed)
    while not population.done:
        population.advance()
    return population.log_probability


if __name__ == "__main__":
    main()
