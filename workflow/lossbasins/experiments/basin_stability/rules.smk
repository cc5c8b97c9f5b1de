use rule stage as kick with:
    """E10: every solution of a run, kicked and let down L_S alone."""
    input:
        split=paths.SPLIT,
        solutions=paths.SOLUTIONS,
        evaluation=paths.EVALUATION,
    output:
        kicks=paths.KICKS,
        manifest=paths.manifest(paths.POINT, "kick"),
    log:
        paths.log(paths.POINT, "kick"),
    wildcard_constraints:
        point=patterns.polished_points(study),
    resources:
        gpu=gpus(1),


use rule stage as basin_stability_table with:
    """E10: how hard a kick each solution comes back from."""
    input:
        **inputs("basin_stability_table"),
    output:
        csv=shown_table("basin_stability"),
        md=paths.table("basin_stability", "md"),
        tex=paths.table("basin_stability", "tex"),
        curves=paths.table("basin_stability_curves", "csv"),
        manifest=paths.manifest(paths.TABLES, "basin_stability_table"),
    log:
        paths.log(paths.TABLES, "basin_stability_table"),


use rule stage as basin_stability_compared_table with:
    """E10: whether bad solutions leave at smaller kicks than good ones."""
    input:
        table=paths.table("basin_stability", "csv"),
        curves=paths.table("basin_stability_curves", "csv"),
    output:
        csv=shown_table("basin_stability_compared", caption="compared.rst"),
        md=paths.table("basin_stability_compared", "md"),
        tex=paths.table("basin_stability_compared", "tex"),
        manifest=paths.manifest(paths.TABLES, "basin_stability_compared_table"),
    log:
        paths.log(paths.TABLES, "basin_stability_compared_table"),


use rule stage as basin_stability_figure with:
    """Where solutions end that are kicked and let down again."""
    input:
        table=paths.table("basin_stability", "csv"),
        curves=paths.table("basin_stability_curves", "csv"),
    output:
        pdf=paths.figure("basin_stability", "pdf"),
        svg=shown_figure("basin_stability"),
        png=paths.figure("basin_stability", "png"),
        manifest=paths.manifest(paths.FIGURES, "basin_stability_figure"),
    log:
        paths.log(paths.FIGURES, "basin_stability_figure"),
