rule two_layer:
    """E4: the theorem and its corollary at good and bad solutions of two-layer networks (section 4)."""
    input:
        split=study.two_layer_split(),
    output:
        csv=paths.table("two_layer", "csv"),
        md=paths.table("two_layer", "md"),
        tex=paths.table("two_layer", "tex"),
        manifest=paths.manifest("two_layer"),
    log:
        paths.log("two_layer"),
    conda:
        ENVIRONMENT
    params:
        job=study.job("two_layer"),
        files=files,
    shell:
        run_stage("two_layer")


rule two_layer_figure:
    """What bounds the input gradient, and what rescaling nodes does to it."""
    input:
        table=paths.table("two_layer", "csv"),
    output:
        pdf=paths.figure("two_layer", "pdf"),
        svg=paths.figure("two_layer", "svg"),
        png=paths.figure("two_layer", "png"),
        manifest=paths.manifest("two_layer_figure"),
    log:
        paths.log("two_layer_figure"),
    conda:
        ENVIRONMENT
    params:
        job=study.job("two_layer_figure"),
        files=files,
    shell:
        run_stage("two_layer_figure")
