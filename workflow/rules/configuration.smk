"""The configuration, checked before anything runs, and the one command line of all rules."""

import os
import shlex
import sys
from pathlib import Path

from lossbasins import paths
from lossbasins.configuration.reading import ConfigurationError
from lossbasins.jobs import Jobs
from lossbasins.study import Study

ENVIRONMENT = "../../envs/lossbasins.yaml"

try:
    study = Study.from_mapping(config)
except ConfigurationError as error:
    sys.exit("\n".join(f"config: {line}" for line in str(error).splitlines()))

jobs = Jobs(study)

os.environ |= study.surroundings() | {"PYTHONPATH": str(Path(workflow.basedir) / "workflow")}


wildcard_constraints:
    **study.wildcard_constraints(),


def run_stage(stage):
    """The command line of a rule: one stage, its job and its files."""
    return (
        f"python -m lossbasins run {stage} --job {{params.job:q}} {{params.files}} --threads {{threads}} 2> {{log:q}}"
    )


def files(wildcards, input, output):
    """The files of a job, named as its stage names them."""
    given = [("--input", name, path) for name, paths in input.items() for path in _listed(paths)]
    made = [("--output", name, path) for name, path in output.items()]
    return " ".join(f"{option} {name}={shlex.quote(path)}" for option, name, path in given + made)


def _listed(paths):
    return [paths] if isinstance(paths, str) else paths
