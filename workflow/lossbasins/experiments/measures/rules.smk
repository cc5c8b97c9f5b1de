use rule stage as measures_table with:
    """E9: how each measure orders solutions, under each protocol; differences of bad and good basins."""
    input:
        **inputs("measures_table"),
    output:
        csv=shown_table("measures"),
        md=paths.table("measures", "md"),
        tex=paths.table("measures", "tex"),
        points=paths.table("measures_points", "csv"),
        environments=paths.table("measures_environments", "csv"),
        cells=paths.table("measures_cells", "csv"),
        ranks=paths.table("measures_ranks", "csv"),
        pairs=paths.table("measures_pairs", "csv"),
        differences=paths.table("measures_differences", "csv"),
        manifest=paths.manifest(paths.TABLES, "measures_table"),
    log:
        paths.log(paths.TABLES, "measures_table"),


use rule stage as measures_figure with:
    """Rank correlations of all measures, and the best and the paper's against test accuracy."""
    input:
        table=paths.table("measures", "csv"),
        points=paths.table("measures_points", "csv"),
        ranks=paths.table("measures_ranks", "csv"),
    output:
        pdf=paths.figure("measures", "pdf"),
        svg=shown_figure("measures"),
        png=paths.figure("measures", "png"),
        manifest=paths.manifest(paths.FIGURES, "measures_figure"),
    log:
        paths.log(paths.FIGURES, "measures_figure"),
