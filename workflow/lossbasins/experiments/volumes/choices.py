"""E6: test accuracy against the volume of basins, one entry for each landscape (the paper's Fig. 3)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from pydantic import StringConstraints

from lossbasins import paths
from lossbasins.experiments.experiment import (
    Claim,
    Comparing,
    Experiment,
    Job,
    Landscape,
    Problem,
    Study,
    figure_stage,
    table_stage,
)
from lossbasins.experiments.named import TRAINED, Entries, Grid, Point
from lossbasins.experiments.volumes.specs import (
    FigureSpec,
    VolumeChoices,
    VolumeInputs,
    VolumeSpec,
)
from lossbasins.specs.files import DrawnWithPoints, TableWithPoints

TABLE = "{comparison}"


class Volume(VolumeChoices, Comparing):
    """E6, the paper's Fig. 3: one landscape."""

    number = "E6"
    entry = "comparison"
    entry_name = Annotated[str, StringConstraints(pattern=r"^volume(-[A-Za-z0-9]+)*$")]
    stages = (
        table_stage(__package__, TABLE, VolumeSpec, VolumeInputs, TableWithPoints, name="volume_table"),
        figure_stage(__package__, TABLE, DrawnWithPoints, FigureSpec, name="volume_figure"),
    )
    claims = (
        Claim(
            "volume",
            "solutions in larger basins generalise better",
            "tau of test accuracy and log inverse volume (or Frobenius norm)",
            TABLE,
            TABLE,
        ),
    )
    sentences = (f"{TABLE}_points", TABLE)

    spectrum: bool = True
    """Whether all eigenvalues are computed; of large networks there is the Frobenius norm alone."""
    matched: Point | None = None
    """Name of an entry of `polish` with a target loss: where solutions are compared at one L_S; null does without."""

    def problems(self, entries: Entries, others: Mapping[str, Experiment]) -> Iterable[Problem]:
        """Solutions are matched at a loss."""
        yield from super().problems(entries, others)
        if self.matched is not None and entries.polish[self.matched].target.loss is None:
            yield Problem("matched", self.matched, "a point with a target loss")

    def landscape_grids(self) -> Sequence[Grid]:
        """Its runs, where there are spectra of them."""
        return self.runs if self.spectrum else ()

    def landscape(self, name: str, study: Study) -> Landscape:
        """Its points, and the spectra that they are from."""
        files = self._files(study)
        spectra = {key: found for key, found in files.items() if key.endswith("spectrum")}
        return Landscape(self.runs, study.path(paths.table(f"{name}_points", "csv")), spectra, self.top)

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:
        """The solutions as trained and, where they are polished, at one loss."""
        spec = VolumeSpec(
            runs=study.runs(self.runs),
            matched_loss=study.entries.polish[self.matched].target.loss if self.matched else None,
            seed=study.seed("volume", name),
            **self.chosen(VolumeChoices),
        )
        return {"volume_table": Job(spec, self._files(study)), "volume_figure": Job(FigureSpec(top=self.top))}

    def _files(self, study: Study) -> Mapping[str, Sequence[str]]:
        runs = study.runs(self.runs)
        measures = ("spectrum", "frobenius") if self.spectrum else ("frobenius",)
        points = {"": TRAINED} | ({"matched_": self.matched} if self.matched else {})
        return {
            f"{prefix}{name}": files
            for prefix, point in points.items()
            for name, files in (
                ("evaluation", study.files(paths.EVALUATION, runs, point)),
                *((measure, study.measured(measure, runs, point)) for measure in measures),
            )
        }
