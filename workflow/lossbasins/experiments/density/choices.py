"""E5 for large networks: the largest eigenvalues of good and bad solutions, and the density of the others."""

from collections.abc import Mapping, Sequence

from lossbasins import paths
from lossbasins.experiments.density.specs import DensityFigureInputs, DensityInputs, DensityOutputs, DensitySpec
from lossbasins.experiments.experiment import Comparing, Job, Study, figure_stage, table_stage
from lossbasins.experiments.named import TRAINED, Point

MEASURE = "spectral_density"


class Density(Comparing):
    """E5, the paper's Fig. 2, by products with the Hessian."""

    stages = (
        table_stage(__package__, "density", DensitySpec, DensityInputs, DensityOutputs),
        figure_stage(__package__, "density", DensityFigureInputs),
    )

    point: Point | None = None
    """Name of an entry of `polish`; null takes the solutions as trained."""

    def measures(self) -> Sequence[str]:
        """The one."""
        return (MEASURE,)

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:  # noqa: ARG002
        """All of its runs in one table."""
        runs, point = study.runs(self.runs), self.point or TRAINED
        files = {
            "evaluation": study.files(paths.EVALUATION, runs, point),
            MEASURE: study.measured(MEASURE, runs, point),
        }
        return {"density_table": Job(DensitySpec(runs=runs), files), "density_figure": Job()}
