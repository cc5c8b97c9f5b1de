"""The study: raw images -> split -> check -> train [-> polish] -> evaluate, measure -> tables, figures -> claims, summary."""

if workflow.modifier.is_main_snakefile():

    configfile: "config.yaml"


include: "workflow/rules/configuration.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/flow.smk"
include: "workflow/rules/measures.smk"


for experiment in study.rule_files():

    include: experiment


include: "workflow/rules/provenance.smk"


rule all:
    """Every table and figure of the study, and what they say."""
    default_target: True
    input:
        study.targets(),
    localrule: True


onstart:
    # Snakemake does not quote it in what it submits.
    if workflow.non_local_exec and shlex.quote(sys.executable) != sys.executable:
        raise WorkflowError(
            f"no job can be submitted from {sys.executable}: rename folders to letters, digits, - and _"
        )
    shell("{workflow.basedir:q}/slurm/cancel_left.sh")
    if not workflow.non_local_exec:
        # There is nothing to limit here, and it wakes the scheduler once a second for every job that has finished.
        workflow.scheduler.job_rate_limiter = None


onsuccess:
    # What comes of a whole study; a run of some files of it ends without.
    if not set(workflow.dag_settings.targets) - {"all"}:
        shell("cat results/{study.name}/summary.txt && echo && echo Figures: results/{study.name}/figures/")
