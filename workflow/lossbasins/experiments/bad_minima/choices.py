"""E11: bad minima that are made in other ways: by random labels before the true ones, or by shifted ones."""

from collections.abc import Mapping, Sequence

from lossbasins import paths
from lossbasins.experiments.bad_minima.specs import MinimaInputs, MinimaSpec
from lossbasins.experiments.experiment import Experiment, Job, Study, table_stage
from lossbasins.experiments.named import Grid, Grids, Point


class BadMinima(Experiment):
    """E11: solutions that were made bad in several ways, beside each other."""

    number = "E11"
    stages = (table_stage(__package__, "bad_minima", MinimaSpec, MinimaInputs),)

    runs: Grids
    """The solutions to list, of any landscapes."""
    point: Point
    """Name of an entry of `polish`: the loss that all are brought to."""

    def grids(self) -> Sequence[Grid]:
        """As written."""
        return self.runs

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:  # noqa: ARG002
        """Evaluations of all runs at both points."""
        runs = study.runs(self.runs)
        files = {"trained": study.files(paths.EVALUATION, runs)}
        files["matched"] = study.files(paths.EVALUATION, runs, self.point)
        return {"bad_minima_table": Job(MinimaSpec(runs=runs), files)}
