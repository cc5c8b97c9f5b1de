"""All steps, in the order in which they count should time run out."""

from datetime import UTC, datetime

from gpu_steps import (
    curvature,
    exactness,
    images,
    jobs,
    machine,
    report,
    residual,
    resumed,
    routes,
    session,
    stages,
    table_one,
)
from gpu_steps.session import Step

STEPS = (
    Step("machine", machine.run, 30),
    Step("stages", stages.run, 60),
    Step("resumed", resumed.run, 40),
    Step("exactness", exactness.run, 25),
    Step("agreement", routes.agree, 20),
    Step("throughput", routes.throughput, 70),
    Step("curvature", curvature.run, 40),
    Step("table-1", table_one.run, 115),
    Step("resnet-speed", residual.speed, 45),
    Step("resnet-cost", residual.cost, 25),
)
"""With their shares in seconds, of 480; the first one's is for imports too."""


def run(names, data, setting, out, card, started):
    """Runs steps and writes what they find into a folder: `gpu.json`, `log.txt` and, at the end, `table.md`.

    Args:
        names: of the steps; empty for all.
        data: folder with MNIST's official files; None draws images.
        setting: for all steps.
        out: the folder.
        card: its name.
        started: when the time began, on the clock of `time.monotonic`.

    Returns:
        The results as `session.run` has them, and the table's text.

    Raises:
        ValueError: there is no such step, or a file of MNIST is missing; one line.
    """
    known = [step.name for step in STEPS]
    if unknown := sorted(set(names) - set(known)):
        raise ValueError(f"no step {', '.join(unknown)}; the steps are {', '.join(known)}")
    about = {
        "card": card,
        "images": images.write_archive(data, setting.scratch),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    jobs.prepare()
    chosen = [step for step in STEPS if not names or step.name in names]
    results = session.run(chosen, setting, out, about, started)
    text = f"{', '.join(about.values())}\n\n{report.table(results)}\n"
    (out / "table.md").write_text(text)
    return results, text
