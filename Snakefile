"""The study: raw images -> split -> train [-> polish] -> evaluate, spectrum, frobenius -> tables, figures, summary."""


configfile: "config.yaml"


include: "workflow/rules/configuration.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/curvature.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/theory.smk"
include: "workflow/rules/reporting.smk"
include: "workflow/rules/provenance.smk"


localrules:
    all,
    audit,
    audits,
    fetch,


rule all:
    """Every table and figure of the study, and what they say."""
    default_target: True
    input:
        study.targets(),


onstart:
    shell("{workflow.basedir}/slurm/cancel_left.sh")


onsuccess:
    shell("ls results/{study.name}/figures/*.pdf 2> /dev/null && cat results/{study.name}/summary.txt || true")
