rule two_layer:
    """E4: the theorem and its corollary at good and bad solutions of two-layer networks (section 4)."""
    input:
        split=study.split_of("two_layer"),
    output:
        csv=shown_table("two_layer", caption="two_layer_table"),
        md=paths.table("two_layer", "md"),
        tex=paths.table("two_layer", "tex"),
        manifest=paths.manifest("two_layer"),
    log:
        paths.log("two_layer"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("two_layer"),
        files=files,
    shell:
        run_stage("two_layer")


rule two_layer_figure:
    """What bounds the input gradient, and what rescaling nodes does to it."""
    input:
        table=paths.table("two_layer", "csv"),
    output:
        pdf=paths.figure("two_layer", "pdf"),
        svg=shown_figure("two_layer", caption="two_layer_figure"),
        png=paths.figure("two_layer", "png"),
        manifest=paths.manifest("two_layer_figure"),
    log:
        paths.log("two_layer_figure"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("two_layer_figure"),
        files=files,
    shell:
        run_stage("two_layer_figure")


rule curve_fitting:
    """E1: networks and polynomial kernels fitted to points of a cubic."""
    output:
        curves=paths.table("curve_fitting_curves", "csv"),
        csv=shown_table("curve_fitting", caption="curve_fitting_table"),
        md=paths.table("curve_fitting", "md"),
        tex=paths.table("curve_fitting", "tex"),
        manifest=paths.manifest("curve_fitting"),
    log:
        paths.log("curve_fitting"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("curve_fitting"),
        files=files,
    shell:
        run_stage("curve_fitting")


rule curve_fitting_figure:
    """The paper's Fig. 1."""
    input:
        curves=paths.table("curve_fitting_curves", "csv"),
        table=paths.table("curve_fitting", "csv"),
    output:
        pdf=paths.figure("curve_fitting", "pdf"),
        svg=shown_figure("curve_fitting", caption="curve_fitting_figure"),
        png=paths.figure("curve_fitting", "png"),
        manifest=paths.manifest("curve_fitting_figure"),
    log:
        paths.log("curve_fitting_figure"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("curve_fitting_figure"),
        files=files,
    shell:
        run_stage("curve_fitting_figure")


rule convex:
    """E7: Hessians at good and bad minima of models that are linear in their parameters (Appendix B)."""
    input:
        split=study.split_of("convex"),
    output:
        eigenvalues=paths.table("convex_eigenvalues", "csv"),
        csv=shown_table("convex", caption="convex_table"),
        md=paths.table("convex", "md"),
        tex=paths.table("convex", "tex"),
        manifest=paths.manifest("convex"),
    log:
        paths.log("convex"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("convex"),
        files=files,
    shell:
        run_stage("convex")


rule convex_figure:
    """Spectra at good and bad minima, on each other."""
    input:
        eigenvalues=paths.table("convex_eigenvalues", "csv"),
        table=paths.table("convex", "csv"),
    output:
        pdf=paths.figure("convex", "pdf"),
        svg=shown_figure("convex", caption="convex_figure"),
        png=paths.figure("convex", "png"),
        manifest=paths.manifest("convex_figure"),
    log:
        paths.log("convex_figure"),
    conda:
        ENVIRONMENT
    params:
        job=jobs.of("convex_figure"),
        files=files,
    shell:
        run_stage("convex_figure")
