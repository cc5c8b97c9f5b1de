use rule stage as batch_size_table with:
    """E2, the table of section 3.1: full against mini batches, and against bad solutions."""
    input:
        **inputs("batch_size_table"),
    output:
        csv=shown_table("batch_size"),
        md=paths.table("batch_size", "md"),
        tex=paths.table("batch_size", "tex"),
        points=paths.table("batch_size_points", "csv"),
        manifest=paths.manifest(paths.TABLES, "batch_size_table"),
    log:
        paths.log(paths.TABLES, "batch_size_table"),


use rule stage as batch_size_figure with:
    """Test accuracies behind the table of section 3.1."""
    input:
        points=paths.table("batch_size_points", "csv"),
        table=paths.table("batch_size", "csv"),
    output:
        pdf=paths.figure("batch_size", "pdf"),
        svg=shown_figure("batch_size"),
        png=paths.figure("batch_size", "png"),
        manifest=paths.manifest(paths.FIGURES, "batch_size_figure"),
    log:
        paths.log(paths.FIGURES, "batch_size_figure"),
