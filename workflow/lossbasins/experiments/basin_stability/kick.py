"""Every fitted solution of a run at a point, kicked again and again, each time let down L_S alone."""

from dataclasses import asdict, fields
from functools import cache
from itertools import islice, product
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from lossbasins.data.tensors import test_part, train_part
from lossbasins.experiments.basin_stability.kick_specs import KINDS, KickInputs, KickOutputs, KickSpec, Kind
from lossbasins.experiments.basin_stability.kicks import Kicked, classes, kicked
from lossbasins.stages.arrays import read_split
from lossbasins.stages.checkpoint import Checkpoint
from lossbasins.stages.context import Context
from lossbasins.stages.solutions import fitted_replicas, read_solutions

COLUMNS = ["replica", "kind", "radius", "kick", *(field.name for field in fields(Kicked))]


def run(spec: KickSpec, inputs: KickInputs, outputs: KickOutputs, context: Context) -> None:
    """Takes one kick after another, going on after those that are saved."""
    split = read_split(inputs.split)
    solutions = read_solutions(inputs.solutions, spec.model, split)
    dtype = getattr(torch, spec.descent.precision)
    train, test = (part(split, dtype, context.device) for part in (train_part, test_part))

    @cache
    def before(replica: int) -> Tensor:
        return classes(solutions.model(replica, dtype, context.device), test)

    checkpoint = Checkpoint.of(context)
    rows: list[dict[str, Any]] = checkpoint.load() or []
    # Radii innermost, since longer kicks take longer: so the time that is left is told well from early on.
    cases = product(fitted_replicas(inputs.evaluation), range(spec.kicks), KINDS, spec.radii)
    for replica, kick, kind, radius in islice(context.progress(cases, "kick"), len(rows), None):
        model = solutions.model(replica, dtype, context.device)
        rng = _stream(spec.seed, replica, kind, radius, kick)
        found = kicked(model, train, test, kind, radius, rng, spec.descent, before(replica))
        rows.append({"replica": replica, "kind": kind, "radius": radius, "kick": kick} | asdict(found))
        checkpoint.save_if_due(lambda: rows)
    pd.DataFrame(rows, columns=COLUMNS).to_csv(outputs.kicks, index=False)


def _stream(seed: int, replica: int, kind: Kind, radius: float, kick: int) -> np.random.Generator:
    """Of one kick, so that others more change none."""
    return np.random.default_rng([seed, replica, kick, *f"{kind} {radius!r}".encode()])
