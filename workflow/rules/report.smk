"""What `snakemake --report` shows of the study, and under which words: `make report`."""


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
