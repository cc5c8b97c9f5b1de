"""What `snakemake --report` shows of the study, and under which words: `make report`."""


report: "../report/study.rst"


def shown_figure(name, caption):
    """A figure for the report, of which browsers show the SVG; its caption is a file of workflow/report."""
    return _shown(paths.figure(name, "svg"), caption, "Figures", {"figure": name, "shows": "picture"})


def shown_table(name, caption):
    """A table for the report; browsers download the CSV, and its caption shows the rounded one."""
    return _shown(paths.table(name, "csv"), caption, "Tables", {"table": name})


def shown_audit(figure):
    """Where a figure comes from, beside it."""
    return _shown(f"audits/{{study}}/{figure}.html", "audit", "Figures", {"figure": figure, "shows": "audit"})


def _shown(path, caption, category, labels):
    return report(path, caption=f"../report/{caption}.rst", category=category, labels=labels)
