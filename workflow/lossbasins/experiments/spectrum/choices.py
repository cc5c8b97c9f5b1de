"""E5: the eigenvalues of the Hessian at good and bad solutions (the paper's Fig. 2)."""

from collections.abc import Mapping

from lossbasins import paths
from lossbasins.experiments.experiment import Claim, Comparing, Job, Study, figure_stage, table_stage
from lossbasins.experiments.spectrum.specs import (
    FigureInputs,
    SpectrumChoices,
    SpectrumInputs,
    SpectrumOutputs,
    SpectrumSpec,
)


class Spectrum(SpectrumChoices, Comparing):
    """E5, the paper's Fig. 2."""

    number = "E5"
    stages = (
        table_stage(__package__, "spectrum", SpectrumSpec, SpectrumInputs, SpectrumOutputs),
        figure_stage(__package__, "spectrum", FigureInputs, SpectrumChoices),
    )
    claims = (
        Claim(
            "spectrum",
            "bad minima have larger eigenvalues",
            "largest eigenvalue, attacked / unattacked",
            "spectrum",
            "spectrum",
        ),
    )

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:  # noqa: ARG002
        """The spectra of its runs as trained."""
        runs = study.runs(self.runs)
        return {
            "spectrum_table": Job(
                SpectrumSpec(runs=runs, top=self.top),
                {
                    "evaluation": study.files(paths.EVALUATION, runs),
                    "spectrum": study.measured("spectrum", runs),
                },
            ),
            "spectrum_figure": Job(SpectrumChoices(top=self.top)),
        }
