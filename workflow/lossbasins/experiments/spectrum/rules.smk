use rule stage as spectrum_table with:
    """E5: the spectra of three solutions of good, middling and bad test accuracy."""
    input:
        **inputs("spectrum_table"),
    output:
        csv=shown_table("spectrum"),
        md=paths.table("spectrum", "md"),
        tex=paths.table("spectrum", "tex"),
        eigenvalues=paths.table("spectrum_eigenvalues", "csv"),
        matched=paths.table("spectrum_matched", "csv"),
        manifest=paths.manifest(paths.TABLES, "spectrum_table"),
    log:
        paths.log(paths.TABLES, "spectrum_table"),


use rule stage as spectrum_figure with:
    """The paper's Fig. 2."""
    input:
        eigenvalues=paths.table("spectrum_eigenvalues", "csv"),
        table=paths.table("spectrum", "csv"),
    output:
        pdf=paths.figure("spectrum", "pdf"),
        svg=shown_figure("spectrum"),
        png=paths.figure("spectrum", "png"),
        manifest=paths.manifest(paths.FIGURES, "spectrum_figure"),
    log:
        paths.log(paths.FIGURES, "spectrum_figure"),
