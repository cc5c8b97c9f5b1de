rule audit:
    """The tree from a figure down to raw files."""
    input:
        paths.figure("{figure}", "svg"),
    output:
        shown_audit("{figure}"),
    log:
        "logs/{study}/audits/{figure}.log",
    localrule: True
    conda:
        ENVIRONMENT
    shell:
        "python -m lossbasins audit --full --html {input:q} > {output:q} 2> {log:q} || [ $? = 1 ]"


rule audits:
    """Those of all figures: what the report has besides the study."""
    input:
        expand("audits/{study}/{figure}.html", study=study.name, figure=study.figures),
    localrule: True
