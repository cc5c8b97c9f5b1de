"""The configuration, checked before anything runs, and what all rules share."""

import os
import shlex
import sys
from pathlib import Path

if not isinstance(workflow.current_basedir, os.PathLike):
    sys.exit("lossbasins: a module's files must lie on this machine: clone it, and name its Snakefile there")
PROJECT = Path(workflow.current_basedir).parents[1]
PACKAGES = str(PROJECT / "workflow")
sys.path.insert(0, PACKAGES)
# Another lossbasins may be there already, since Snakemake imports all plugins that the environment has.
for name, module in list(sys.modules.items()):
    if name.partition(".")[0] == "lossbasins" and not str(module.__file__).startswith(PACKAGES):
        del sys.modules[name]

from lossbasins import paths, patterns
from lossbasins.configuration import files
from lossbasins.configuration.reading import ConfigurationError
from lossbasins.jobs import Jobs
from lossbasins.provenance.adoption import adopt
from lossbasins.risks import at_risk
from lossbasins.study import Study
from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

ENVIRONMENT = str(PROJECT / "envs" / "lossbasins.yaml")

try:
    if workflow.modifier.is_main_snakefile():
        for path in workflow.configfiles:
            files.read(Path(path))
        overlay = workflow.config_settings.overwrite_config
        overlays = [Path(path) for path in workflow.overwrite_configfiles]
        if "study" in config:
            config["study"] = files.study_name(config["study"], overlay, overlays)
    else:
        overlay, config = config, files.merged(files.read(PROJECT / "config.yaml"), config)
    study = Study.from_mapping(files.only_named(config, overlay))
except ConfigurationError as error:
    sys.exit("\n".join(f"config: {line}" for line in str(error).splitlines()))

jobs = Jobs(study)

if workflow.is_main_process:
    for line in adopt(Path(workflow.modifier.modify_path(study.path(paths.STUDY)))).lines():
        logger.info(line)
    for line in at_risk(study, Path(workflow.modifier.modify_path(paths.RESULTS))):
        logger.info(line)

os.environ |= study.surroundings() | {
    "PYTHONPATH": os.pathsep.join(filter(None, [PACKAGES, os.environ.get("PYTHONPATH")])),
    # Jobs take the interpreter that Snakemake runs in, also where its environment is not activated.
    "PATH": os.pathsep.join([str(Path(sys.executable).parent), *os.get_exec_path()]),
}


wildcard_constraints:
    **patterns.wildcard_patterns(study),


def stage_of(wildcards, output):
    """The full name of a job's stage, which its manifest is named after."""
    return jobs.stage(output.manifest).full_name


def job_of(wildcards, **files):
    """The text that identifies a job.

    What names `output` among its arguments Snakemake takes for derived from files, and does not compare with the last
    run's.
    """
    return jobs.text(jobs.stage(files["output"].manifest), wildcards)


def files_of(wildcards, input, output):
    """The files of a job, named as its stage names them."""
    given = [("--input", name, path) for name, paths in input.items() for path in _listed(paths)]
    made = [("--output", name, path) for name, path in output.items()]
    return " ".join(f"{option} {name}={shlex.quote(path)}" for option, name, path in given + made)


def inputs(stage, wildcards=None):
    """The inputs of an experiment's stage that follow from what its choices.py says."""
    return study.job(stage, wildcards).inputs


def gpus(wanted):
    """How many GPUs a job may use, if there are any; where a profile allows only so many, others wait for it."""
    return 0 if study.configuration.device == "cpu" else wanted


def _listed(paths):
    return [paths] if isinstance(paths, str) else paths
