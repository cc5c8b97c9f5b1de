"""Files of made-up measurements, as the stages before the tables write them."""

import numpy as np

from lossbasins.specs.entries import AttackSpec
from lossbasins.specs.runs import RunSpec
from tests.reporting.measurements import measurements
from tests.stages import conftest

MANIFEST = "0123456789abcdef" * 4


def write_measurements(folder, **case):
    """Writes one file per run of each kind; returns the runs and the paths by kind."""
    made = measurements(**case)
    paths = {"evaluation": [], "spectrum": [], "frobenius": []}
    for run in range(len(made.labels)):
        for kind, suffix in (("evaluation", "csv"), ("spectrum", "npz"), ("frobenius", "csv")):
            paths[kind].append(folder / f"{kind}{run}.{suffix}")
        made.evaluations[run].to_csv(paths["evaluation"][-1], index=False)
        np.savez(paths["spectrum"][-1], **made.spectra[run])
        made.frobenius[run].to_csv(paths["frobenius"][-1], index=False)
    return tuple(run_of(label) for label in made.labels), {kind: tuple(files) for kind, files in paths.items()}


def context(folder):
    return conftest.context(data_dir=folder, manifest_id=MANIFEST)


def outputs(kind, folder, stem):
    """Paths for every output of a stage."""
    return kind(**{name: folder / f"{stem}.{name}" for name in kind.__dataclass_fields__})


def run_of(label):
    attack = AttackSpec(weight=label["attack_weight"], size=label["attack_size"]) if label["attack_size"] else None
    return RunSpec(**{key: label[key] for key in ("dataset", "model", "init", "optimizer")}, attack=attack)
