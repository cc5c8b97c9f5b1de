"""E1: networks of any depth, and polynomial kernels, through a few points of a cubic (the paper's Fig. 1)."""

from collections.abc import Mapping

from lossbasins.experiments.curve_fitting.specs import (
    CurveFittingChoices,
    CurveFittingOutputs,
    CurveFittingSpec,
    FigureInputs,
)
from lossbasins.experiments.experiment import Claim, Experiment, Job, Study, figure_stage, table_stage
from lossbasins.specs.files import NoFiles


class CurveFitting(CurveFittingChoices, Experiment):
    """E1, the paper's Fig. 1."""

    number = "E1"
    stages = (
        table_stage(__package__, "curve_fitting", CurveFittingSpec, NoFiles, CurveFittingOutputs, name="curve_fitting"),
        figure_stage(__package__, "curve_fitting", FigureInputs),
    )
    claims = (
        Claim(
            "curve_fitting",
            "networks of any depth fit without a regulariser and do not overfit",
            "test error of a network / of an attacked one",
            "curve_fitting",
            "curve_fitting",
        ),
    )

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:
        """Fits of its own, without images."""
        return {
            "curve_fitting": Job(CurveFittingSpec(**self.chosen(CurveFittingChoices), seeds=study.seeds(name))),
            "curve_fitting_figure": Job(),
        }
