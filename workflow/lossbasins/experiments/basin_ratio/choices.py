"""E8: how much smaller the basins of bad minima are, and whether random starts end in them (sections 3.2, 5.3)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from pydantic import PositiveInt, StringConstraints

from lossbasins import paths
from lossbasins.experiments.basin_ratio.specs import (
    FigureInputs,
    RatioChoices,
    RatioInputs,
    RatioSpec,
    StartsChoices,
    StartsOutputs,
    StartsSpec,
)
from lossbasins.experiments.experiment import Claim, Experiment, Job, Problem, Study, figure_stage, table_stage
from lossbasins.experiments.named import NO_ATTACK, Entries, Grid, Grids, landscapes
from lossbasins.specs.base import Spec
from lossbasins.specs.files import Evaluations
from lossbasins.specs.runs import RunSpec

LandscapeName = Annotated[str, StringConstraints(pattern=r"^volume(-[A-Za-z0-9]+)*$")]


class Starts(Spec):
    """Random starts beyond those of the other experiments."""

    runs: Grids
    """Unattacked, in the landscape of the volumes."""
    replicas: PositiveInt
    """Of each of these runs, at least."""


class BasinRatio(RatioChoices, StartsChoices, Experiment):
    """E8: relative volumes of bad basins, and the share of random starts that end in one."""

    number = "E8"
    stages = (
        table_stage(__package__, "basin_ratio", RatioSpec, RatioInputs),
        table_stage(__package__, "starts", StartsSpec, Evaluations, StartsOutputs, module="starts_table"),
        figure_stage(__package__, "basin_ratio", FigureInputs),
    )
    sentences = ("basin_ratio",)
    claims = (
        Claim(
            "basin_ratio",
            "basins of bad minima are overwhelmingly smaller",
            "log10 of V(bad) / V(good)",
            "basin_ratio",
            "basin_ratio",
        ),
        Claim("starts", "random starts do not end in bad minima", "share of starts that do", "starts", "basin_ratio"),
    )

    volumes: LandscapeName = "volume"
    """Whose spectra are compared, and whose landscape the starts are in."""
    starts: Starts | None = None
    """More than the unattacked replicas of the other experiments."""

    def grids(self) -> Sequence[Grid]:
        """More random starts."""
        return self.starts.runs if self.starts else ()

    def replicas(self, run: RunSpec, study: Study) -> int:
        """Enough of each of its own starts."""
        return self.starts.replicas if self.starts and run in study.runs(self.starts.runs) else 0

    def problems(self, entries: Entries, others: Mapping[str, Experiment]) -> Iterable[Problem]:  # noqa: ARG002
        """Starts are unattacked, and in the landscape whose basins are compared."""
        compared = {name: other.landscape_grids() for name, other in others.items() if other.landscape_grids()}
        if self.volumes not in compared:
            none = "none, since no entry of experiments.volumes has spectra"
            yield Problem("volumes", self.volumes, ", ".join(compared) or none)
            return
        landscape = landscapes(compared[self.volumes])
        for number, grid in enumerate(self.grids()):
            if grid.attack != (NO_ATTACK,):
                allowed = f"{NO_ATTACK}, since an attack is no random start"
                yield Problem(f"starts.runs.{number}.attack", grid.attack, allowed)
        if elsewhere := [name for name in landscapes(self.grids()) if name not in landscape]:
            allowed = f"{', '.join(landscape)}, the landscape of experiments.volumes.{self.volumes}"
            yield Problem("starts.runs", elsewhere, allowed)
        unattacked = [grid for other in others.values() for grid in other.grids() if NO_ATTACK in grid.attack]
        if not set(landscape) & set(landscapes(unattacked)):
            allowed = f"one with random starts, but in its landscape, {', '.join(landscape)}, no run is unattacked"
            yield Problem("volumes", self.volumes, allowed)

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:  # noqa: ARG002
        """Pairs of the landscape's solutions; random starts are all unattacked runs in it, whoever asks for them."""
        compared = study.landscapes[self.volumes]
        runs = study.runs(compared.grids)
        landscape = {(run.dataset, run.model) for run in runs}
        candidates = dict.fromkeys((*runs, *study.runs(self.grids()), *study.all_runs()))
        starts = tuple(run for run in candidates if not run.attack and (run.dataset, run.model) in landscape)
        return {
            "basin_ratio_table": Job(
                RatioSpec(runs=runs, **self.chosen(RatioChoices)), {"points": compared.points, **compared.spectra}
            ),
            "starts_table": Job(
                StartsSpec(runs=starts, **self.chosen(StartsChoices)),
                {"evaluation": study.files(paths.EVALUATION, starts)},
            ),
            "basin_ratio_figure": Job(),
        }
