use rule stage as landscapes_figure with:
    """The paper's Fig. 3: landscapes of several studies side by side."""
    input:
        **inputs("landscapes_figure"),
    output:
        pdf=paths.figure("landscapes", "pdf"),
        svg=shown_figure("landscapes"),
        png=paths.figure("landscapes", "png"),
        manifest=paths.manifest(paths.FIGURES, "landscapes_figure"),
    log:
        paths.log(paths.FIGURES, "landscapes_figure"),
