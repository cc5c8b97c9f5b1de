use rule stage as initialization_table with:
    """E3, the paper's Table 1: accuracies of several initialisations, ours beside the paper's."""
    input:
        **inputs("initialization_table"),
    output:
        csv=shown_table("initialization"),
        md=paths.table("initialization", "md"),
        tex=paths.table("initialization", "tex"),
        points=paths.table("initialization_points", "csv"),
        spread=paths.table("initialization_spread", "csv"),
        manifest=paths.manifest(paths.TABLES, "initialization_table"),
    log:
        paths.log(paths.TABLES, "initialization_table"),


use rule stage as initialization_figure with:
    """Test accuracies behind Table 1, ours beside the paper's."""
    input:
        points=paths.table("initialization_points", "csv"),
        table=paths.table("initialization", "csv"),
    output:
        pdf=paths.figure("initialization", "pdf"),
        svg=shown_figure("initialization"),
        png=paths.figure("initialization", "png"),
        manifest=paths.manifest(paths.FIGURES, "initialization_figure"),
    log:
        paths.log(paths.FIGURES, "initialization_figure"),
