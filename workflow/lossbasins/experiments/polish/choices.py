"""What descending L_S alone does to solutions, above all to their test accuracy."""

from collections.abc import Mapping

from lossbasins import paths
from lossbasins.experiments.experiment import Comparing, Job, Study, table_stage
from lossbasins.experiments.named import Point
from lossbasins.experiments.polish.specs import PolishedInputs, PolishedSpec


class Polish(Comparing):
    """Solutions before and after."""

    stages = (table_stage(__package__, "polish", PolishedSpec, PolishedInputs),)
    sentences = ("polish",)

    point: Point
    """Name of an entry of `polish`."""

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:  # noqa: ARG002
        """Evaluations of all runs at both points."""
        runs = study.runs(self.runs)
        return {
            "polish_table": Job(
                PolishedSpec(runs=runs, target=study.entries.polish[self.point].target),
                {
                    "before": study.files(paths.EVALUATION, runs),
                    "after": study.files(paths.EVALUATION, runs, self.point),
                    "polish": study.files(paths.POLISH, runs, self.point),
                },
            )
        }
