"""All eigenvalues of the training loss's Hessian at every fitted replica of a run."""

import torch

from lossbasins.curvature.objective import Objective
from lossbasins.curvature.spectrum import spectrum
from lossbasins.data.tensors import train_part
from lossbasins.specs.spectrum import Inputs, Outputs, Spec
from lossbasins.stages.arrays import read_split
from lossbasins.stages.context import Context
from lossbasins.stages.solutions import fitted_replicas, read_solutions
from lossbasins.stages.spectra import write_spectra


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:
    """Forms one Hessian after another."""
    split = read_split(inputs.split)
    solutions = read_solutions(inputs.solutions, spec.model, split)
    dtype = getattr(torch, spec.precision)
    train = train_part(split, dtype, context.device)
    fitted = fitted_replicas(inputs.evaluation)
    eigenvalues = [
        spectrum(Objective(solutions.model(replica, dtype, context.device), train.inputs, train.labels)).eigenvalues
        for replica in context.progress(fitted, "Hessian")
    ]
    write_spectra(outputs.spectrum, fitted, eigenvalues, solutions.parameters)
