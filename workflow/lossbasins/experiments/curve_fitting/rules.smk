use rule stage as curve_fitting with:
    """E1: networks and polynomial kernels fitted to points of a cubic."""
    output:
        csv=shown_table("curve_fitting"),
        md=paths.table("curve_fitting", "md"),
        tex=paths.table("curve_fitting", "tex"),
        curves=paths.table("curve_fitting_curves", "csv"),
        manifest=paths.manifest(paths.TABLES, "curve_fitting"),
    log:
        paths.log(paths.TABLES, "curve_fitting"),


use rule stage as curve_fitting_figure with:
    """The paper's Fig. 1."""
    input:
        curves=paths.table("curve_fitting_curves", "csv"),
        table=paths.table("curve_fitting", "csv"),
    output:
        pdf=paths.figure("curve_fitting", "pdf"),
        svg=shown_figure("curve_fitting"),
        png=paths.figure("curve_fitting", "png"),
        manifest=paths.manifest(paths.FIGURES, "curve_fitting_figure"),
    log:
        paths.log(paths.FIGURES, "curve_fitting_figure"),
