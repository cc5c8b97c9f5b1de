use rule stage as two_layer with:
    """E4: the theorem and its corollary at good and bad solutions of two-layer networks (section 4)."""
    input:
        **inputs("two_layer"),
    output:
        csv=shown_table("two_layer"),
        md=paths.table("two_layer", "md"),
        tex=paths.table("two_layer", "tex"),
        manifest=paths.manifest(paths.TABLES, "two_layer"),
    log:
        paths.log(paths.TABLES, "two_layer"),


use rule stage as two_layer_figure with:
    """What bounds the input gradient, and what rescaling nodes does to it."""
    input:
        table=paths.table("two_layer", "csv"),
    output:
        pdf=paths.figure("two_layer", "pdf"),
        svg=shown_figure("two_layer"),
        png=paths.figure("two_layer", "png"),
        manifest=paths.manifest(paths.FIGURES, "two_layer_figure"),
    log:
        paths.log(paths.FIGURES, "two_layer_figure"),
