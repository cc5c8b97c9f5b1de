"""The estimated squared Frobenius norm of the Hessian at every fitted replica of a run."""

import pandas as pd
import torch

from lossbasins.curvature.frobenius import frobenius_squared
from lossbasins.curvature.objective import Objective
from lossbasins.data.tensors import train_part
from lossbasins.specs.frobenius import Inputs, Outputs, Spec
from lossbasins.stages.arrays import read_split
from lossbasins.stages.context import Context
from lossbasins.stages.solutions import fitted_replicas, read_solutions

COLUMNS = ["replica", "frobenius_squared", "standard_error", "matvecs"]


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:
    """Estimates one norm after another, each with probes of its own."""
    split = read_split(inputs.split)
    solutions = read_solutions(inputs.solutions, spec.model, split)
    dtype = getattr(torch, spec.precision)
    train = train_part(split, dtype, context.device)
    rows = []
    for replica in context.progress(fitted_replicas(inputs.evaluation), "norm"):
        objective = Objective(solutions.model(replica, dtype, context.device), train.inputs, train.labels)
        estimate = frobenius_squared(objective, spec.method, probes=spec.probes, seed=spec.seed + replica)
        rows.append((replica, estimate.value, estimate.standard_error, estimate.matvecs))
    pd.DataFrame(rows, columns=COLUMNS).to_csv(outputs.frobenius, index=False)
