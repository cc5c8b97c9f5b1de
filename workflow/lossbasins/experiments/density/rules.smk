use rule stage as density_table with:
    """E5 for large networks: largest eigenvalues and spectral densities of a good and a bad solution."""
    input:
        **inputs("density_table"),
    output:
        csv=shown_table("density"),
        md=paths.table("density", "md"),
        tex=paths.table("density", "tex"),
        curves=paths.table("density_curves", "csv"),
        largest=paths.table("density_largest", "csv"),
        manifest=paths.manifest(paths.TABLES, "density_table"),
    log:
        paths.log(paths.TABLES, "density_table"),


use rule stage as density_figure with:
    """Spectral densities and largest eigenvalues."""
    input:
        table=paths.table("density", "csv"),
        curves=paths.table("density_curves", "csv"),
        largest=paths.table("density_largest", "csv"),
    output:
        pdf=paths.figure("density", "pdf"),
        svg=shown_figure("density"),
        png=paths.figure("density", "png"),
        manifest=paths.manifest(paths.FIGURES, "density_figure"),
    log:
        paths.log(paths.FIGURES, "density_figure"),
