use rule stage as convex with:
    """E7: Hessians at good and bad minima of models that are linear in their parameters (Appendix B)."""
    input:
        **inputs("convex"),
    output:
        csv=shown_table("convex"),
        md=paths.table("convex", "md"),
        tex=paths.table("convex", "tex"),
        eigenvalues=paths.table("convex_eigenvalues", "csv"),
        manifest=paths.manifest(paths.TABLES, "convex"),
    log:
        paths.log(paths.TABLES, "convex"),


use rule stage as convex_figure with:
    """Spectra at good and bad minima, on each other."""
    input:
        eigenvalues=paths.table("convex_eigenvalues", "csv"),
        table=paths.table("convex", "csv"),
    output:
        pdf=paths.figure("convex", "pdf"),
        svg=shown_figure("convex"),
        png=paths.figure("convex", "png"),
        manifest=paths.manifest(paths.FIGURES, "convex_figure"),
    log:
        paths.log(paths.FIGURES, "convex_figure"),
