use rule stage as polish_table with:
    """Solutions before and after L_S alone was descended."""
    input:
        **inputs("polish_table"),
    output:
        csv=shown_table("polish"),
        md=paths.table("polish", "md"),
        tex=paths.table("polish", "tex"),
        manifest=paths.manifest(paths.TABLES, "polish_table"),
    log:
        paths.log(paths.TABLES, "polish_table"),
