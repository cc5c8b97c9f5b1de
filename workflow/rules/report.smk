"""What the study says, and what `snakemake --report` shows of it, under which words: `make report`."""


report: "../report/study.rst"


def shown_figure(name, caption="figure.rst"):
    """A figure for the report, of which browsers show the SVG; its caption lies beside its rule."""
    return report(
        paths.figure(name, "svg"), caption=caption, category="Figures", labels={"figure": name, "shows": "picture"}
    )


def shown_table(name, caption="table.rst"):
    """A table for the report; browsers download the CSV, and its caption shows the rounded one."""
    return report(paths.table(name, "csv"), caption=caption, category="Tables", labels={"table": name})


def shown_audit(figure):
    """Where a figure comes from, beside it."""
    labels = {"figure": figure, "shows": "audit"}
    return report(f"audits/{{study}}/{figure}.html", caption="../report/audit.rst", category="Figures", labels=labels)


use rule stage as claims with:
    """Each claim, what was measured of it, and the verdict."""
    input:
        tables=jobs.claim_tables(),
    output:
        csv=shown_table("claims", caption="../report/claims.rst"),
        md=paths.table("claims", "md"),
        tex=paths.table("claims", "tex"),
        manifest=paths.manifest(paths.TABLES, "claims"),
    log:
        paths.log(paths.TABLES, "claims"),


use rule stage as summary with:
    """What tables and figures say, in a few lines."""
    input:
        tables=jobs.told_tables(),
        claims=paths.table("claims", "csv"),
    output:
        summary=paths.SUMMARY,
        manifest=paths.manifest(paths.STUDY, "summary"),
    log:
        paths.log(paths.STUDY, "summary"),
