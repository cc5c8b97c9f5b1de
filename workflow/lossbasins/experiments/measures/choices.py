"""E9: every measure of a basin on the same solutions, by rules written down before the run."""

from collections.abc import Iterable, Mapping, Sequence

from lossbasins import paths
from lossbasins.experiments.experiment import (
    Claim,
    Comparing,
    Experiment,
    Job,
    Problem,
    Study,
    figure_stage,
    table_stage,
)
from lossbasins.experiments.measures.specs import (
    FigureInputs,
    FigureSpec,
    MeasureChoices,
    MeasuresInputs,
    MeasuresOutputs,
    MeasuresSpec,
)
from lossbasins.experiments.named import TRAINED, Entries, Name, Names, Point

DIFFERENCES = "measures_differences"


class Measures(MeasureChoices, Comparing):
    """E9: which measure of a basin orders solutions by how well they generalise."""

    number = "E9"
    stages = (
        table_stage(__package__, "measures", MeasuresSpec, MeasuresInputs, MeasuresOutputs),
        figure_stage(__package__, "measures", FigureInputs, FigureSpec),
    )
    claims = (
        Claim(
            "sampled",
            "bad basins are smaller (sampled)",
            "nats of log V(good) / V(bad), the least of all prior scales",
            DIFFERENCES,
            "measures",
        ),
        Claim(
            "overwhelming",
            "bad basins are overwhelmingly smaller (sampled)",
            "nats of log V(good) / V(bad), the least of all prior scales",
            DIFFERENCES,
            "measures",
        ),
        Claim(
            "beyond_norm",
            "volume explains more than the norm",
            "tau of test accuracy and the primary measure within cells, beyond what |w| explains",
            "measures",
            "measures",
        ),
    )
    sentences = ("measures",)

    measured: Names | None = None
    """Names of measures that give a number; null takes all cheap ones, and those with an entry under `curvature`."""
    left_out: tuple[Name, ...] = ()
    """Names of those that are left out of all."""
    spectrum: bool = True
    """Whether there are all eigenvalues; of large networks there are none."""
    matched: Point | None = None
    """Name of an entry of `polish` with a target loss: where solutions are compared at one L_S; null does without."""
    matched_only: tuple[Name, ...] = ()
    """Names of measures that are taken there alone."""

    def measures(self) -> Sequence[str]:
        """Those that are named."""
        return self.measured or ()

    def unnamed_measures(self, cheap: Sequence[str]) -> Sequence[str]:
        """All that are not left out, if none is named."""
        return () if self.measured is not None else [name for name in cheap if name not in self.left_out]

    def problems(self, entries: Entries, others: Mapping[str, Experiment]) -> Iterable[Problem]:
        """Solutions are matched at a loss."""
        yield from super().problems(entries, others)
        if self.matched_only and self.matched is None:
            yield Problem("matched_only", self.matched_only, "none where matched is null")
        if self.matched is not None and entries.polish[self.matched].target.loss is None:
            yield Problem("matched", self.matched, "a point with a target loss")

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:  # noqa: ARG002
        """All measures of its runs as trained and, where they are polished, at one loss."""
        named = {key: getattr(self, key) for key in ("left_out", "matched_only", "nulls", "free_energies", "beside")}
        for key, names in (named | {"primary": (self.primary.measure,)}).items():
            if unknown := [name for name in names if name not in study.measures]:
                raise ValueError(f"{key}: no measure {unknown[0]!r}; there are {', '.join(study.measures)}")
        every = (*study.cheap_measures, *study.configured_measures)
        measures = self.measured or tuple(name for name in every if name not in self.left_out)
        if not measures:
            raise ValueError("measured: no measure is cheap or has an entry under curvature; name some")
        spec = MeasuresSpec(
            runs=study.runs(self.runs),
            measures=measures,
            matched_only=self.matched_only,
            turned=tuple(name for name in measures if study.measures[name].sharper == "smaller"),
            matched_loss=study.entries.polish[self.matched].target.loss if self.matched else None,
            seed=study.seed("measures"),
            **self.chosen(MeasureChoices),
        )
        files = self._files(study, measures)
        return {"measures_table": Job(spec, files), "measures_figure": Job(FigureSpec(top=self.top))}

    def _files(self, study: Study, measures: Sequence[str]) -> Mapping[str, Sequence[str]]:
        runs = study.runs(self.runs)
        found: dict[str, Sequence[str]] = {}
        for prefix, point in ({"": TRAINED} | ({"matched_": self.matched} if self.matched else {})).items():
            found[f"{prefix}evaluation"] = study.files(paths.EVALUATION, runs, point)
            # Cheap measures share their files.
            there = [name for name in measures if point != TRAINED or name not in self.matched_only]
            every = [file for measure in there for file in study.measured(measure, runs, point)]
            found[f"{prefix}values"] = list(dict.fromkeys(every))
            if self.spectrum:
                found[f"{prefix}spectrum"] = study.measured("spectrum", runs, point)
        return found
