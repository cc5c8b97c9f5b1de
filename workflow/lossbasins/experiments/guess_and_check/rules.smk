use rule stage as guess_and_check_count with:
    """E12: networks that fit so many images, by gradients, by guessing and by sequential Monte Carlo."""
    input:
        unpack(lambda wildcards: inputs("guess_and_check_count", wildcards)),
    output:
        ways=paths.COUNT_WAYS,
        nets=paths.COUNT_NETS,
        manifest=paths.manifest(paths.COUNT, "guess_and_check_count"),
    log:
        paths.log(paths.COUNT, "guess_and_check_count"),
    resources:
        gpu=0,
        runtime=lambda wildcards, attempt: attempt * 120,


use rule stage as guess_and_check_table with:
    """E12: the volume of what fits, and its test accuracies beside those that gradients reach."""
    input:
        **inputs("guess_and_check_table"),
    output:
        csv=shown_table("guess_and_check"),
        md=paths.table("guess_and_check", "md"),
        tex=paths.table("guess_and_check", "tex"),
        manifest=paths.manifest(paths.TABLES, "guess_and_check_table"),
    log:
        paths.log(paths.TABLES, "guess_and_check_table"),


use rule stage as guess_and_check_figure with:
    """Volumes, shares of bad networks and test accuracies against the number of images."""
    input:
        table=paths.table("guess_and_check", "csv"),
    output:
        pdf=paths.figure("guess_and_check", "pdf"),
        svg=shown_figure("guess_and_check"),
        png=paths.figure("guess_and_check", "png"),
        manifest=paths.manifest(paths.FIGURES, "guess_and_check_figure"),
    log:
        paths.log(paths.FIGURES, "guess_and_check_figure"),
