use rule stage as basin_ratio_table with:
    """E8: volumes of bad basins relative to good ones."""
    input:
        **inputs("basin_ratio_table"),
    output:
        csv=shown_table("basin_ratio"),
        md=paths.table("basin_ratio", "md"),
        tex=paths.table("basin_ratio", "tex"),
        manifest=paths.manifest(paths.TABLES, "basin_ratio_table"),
    log:
        paths.log(paths.TABLES, "basin_ratio_table"),


use rule stage as starts_table with:
    """E8: how often a random start ends in a bad minimum."""
    input:
        **inputs("starts_table"),
    output:
        csv=shown_table("starts", caption="starts.rst"),
        md=paths.table("starts", "md"),
        tex=paths.table("starts", "tex"),
        starts=paths.table("starts_points", "csv"),
        manifest=paths.manifest(paths.TABLES, "starts_table"),
    log:
        paths.log(paths.TABLES, "starts_table"),


use rule stage as basin_ratio_figure with:
    """Relative volumes of bad basins, and where random starts end."""
    input:
        ratio=paths.table("basin_ratio", "csv"),
        starts=paths.table("starts_points", "csv"),
        shares=paths.table("starts", "csv"),
    output:
        pdf=paths.figure("basin_ratio", "pdf"),
        svg=shown_figure("basin_ratio"),
        png=paths.figure("basin_ratio", "png"),
        manifest=paths.manifest(paths.FIGURES, "basin_ratio_figure"),
    log:
        paths.log(paths.FIGURES, "basin_ratio_figure"),
