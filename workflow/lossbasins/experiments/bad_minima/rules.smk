use rule stage as bad_minima_table with:
    """E11: bad minima by the way that they were made."""
    input:
        **inputs("bad_minima_table"),
    output:
        csv=shown_table("bad_minima"),
        md=paths.table("bad_minima", "md"),
        tex=paths.table("bad_minima", "tex"),
        manifest=paths.manifest(paths.TABLES, "bad_minima_table"),
    log:
        paths.log(paths.TABLES, "bad_minima_table"),
