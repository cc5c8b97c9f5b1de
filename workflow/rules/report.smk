"""What `snakemake --report` shows of the study, and under which words: `make report`."""

import os

from lossbasins.report.directives import register

os.environ |= {"DOCUTILSCONFIG": str(PROJECT / "workflow/report/docutils.conf")}


report: "../report/study.rst"


def flow_of_rules():
    """Each rule with one that reads what it made, but for those that belong to the report alone."""
    apart = {"all", "audit", "audits"}
    jobs = {job: found for job, found in workflow.dag.dependencies.items() if job.rule.name not in apart}
    return {(made.rule.name, job.rule.name) for job, found in jobs.items() for made in found}


register(flow_of_rules)


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
    labels = {"figure": figure, "shows": "where it is from"}
    return report(f"audits/{{study}}/{figure}.html", caption="../report/audit.rst", category="Figures", labels=labels)
