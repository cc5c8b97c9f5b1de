"""E5: the eigenvalues of the Hessian at good and bad solutions (the paper's Fig. 2)."""

from collections.abc import Mapping

from lossbasins import paths
from lossbasins.experiments.experiment import Claim, Comparing, Job, Study, figure_stage, table_stage
from lossbasins.experiments.named import TRAINED, Point
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

    matched: Point | None = None
    """Name of an entry of `polish` where the spectra are put into numbers too; null does without."""

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:  # noqa: ARG002
        """The spectra of its runs as trained and, where they are polished, after that."""
        runs = study.runs(self.runs)
        points = {"": TRAINED} | ({"matched_": self.matched} if self.matched else {})
        files = {
            f"{prefix}{name}": found
            for prefix, point in points.items()
            for name, found in (
                ("evaluation", study.files(paths.EVALUATION, runs, point)),
                ("spectrum", study.measured("spectrum", runs, point)),
            )
        }
        return {
            "spectrum_table": Job(SpectrumSpec(runs=runs, top=self.top), files),
            "spectrum_figure": Job(SpectrumChoices(top=self.top)),
        }
