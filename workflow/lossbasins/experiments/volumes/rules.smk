use rule stage as volume_table with:
    """E6: basin volume and Frobenius norm against test accuracy, under each protocol."""
    input:
        unpack(lambda wildcards: inputs("volume_table", wildcards)),
    output:
        csv=shown_table("{comparison}"),
        md=paths.table("{comparison}", "md"),
        tex=paths.table("{comparison}", "tex"),
        points=paths.table("{comparison}_points", "csv"),
        manifest=paths.manifest(paths.TABLES, "volume_table.{comparison}"),
    log:
        paths.log(paths.TABLES, "volume_table.{comparison}"),


use rule stage as volume_figure with:
    """The paper's Fig. 3, a row of panels for each protocol."""
    input:
        points=paths.table("{comparison}_points", "csv"),
        table=paths.table("{comparison}", "csv"),
    output:
        pdf=paths.figure("{comparison}", "pdf"),
        svg=shown_figure("{comparison}"),
        png=paths.figure("{comparison}", "png"),
        manifest=paths.manifest(paths.FIGURES, "volume_figure.{comparison}"),
    log:
        paths.log(paths.FIGURES, "volume_figure.{comparison}"),
