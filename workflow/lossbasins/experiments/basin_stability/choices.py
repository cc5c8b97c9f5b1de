"""E10: whether solutions come back when they are kicked, and bad ones leave at smaller kicks than good ones."""

from collections.abc import Iterable, Mapping

from lossbasins import paths
from lossbasins.experiments.basin_stability.kick_specs import KickChoices, KickInputs, KickOutputs, KickSpec
from lossbasins.experiments.basin_stability.specs import (
    ComparedChoices,
    ComparedSpec,
    CurveInputs,
    ReturnChoices,
    ReturnInputs,
    ReturnOutputs,
    ReturnSpec,
)
from lossbasins.experiments.experiment import (
    Claim,
    Comparing,
    Experiment,
    Job,
    Problem,
    Study,
    figure_stage,
    part_stage,
    table_stage,
)
from lossbasins.experiments.named import Entries, Point


class BasinStability(KickChoices, ReturnChoices, ComparedChoices, Comparing):
    """E10: kicks from solutions of one loss, each followed by a descent of L_S alone."""

    number = "E10"
    stages = (
        table_stage(__package__, "basin_stability", ReturnSpec, ReturnInputs, ReturnOutputs),
        table_stage(__package__, "basin_stability_compared", ComparedSpec, CurveInputs, module="compared_table"),
        figure_stage(__package__, "basin_stability", CurveInputs),
        part_stage(__package__, "kick", paths.KICKS, KickSpec, KickInputs, KickOutputs),
    )
    claims = (
        Claim(
            "basin_stability",
            "bad basins are left at smaller kicks than good ones",
            "kick at which half do not return, bad / good",
            "basin_stability_compared",
            "basin_stability",
        ),
    )

    point: Point
    """Name of an entry of `polish` with a target loss: where solutions are kicked, and how they descend again."""

    def problems(self, entries: Entries, others: Mapping[str, Experiment]) -> Iterable[Problem]:
        """Solutions are kicked at one loss."""
        yield from super().problems(entries, others)
        if entries.polish[self.point].target.loss is None:
            yield Problem("point", self.point, "a point with a target loss")

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:
        """The solutions before their kicks, and the kicks of each run."""
        runs, loss = study.runs(self.runs), study.entries.polish[self.point].target.loss
        assert loss is not None, "checked with all problems"
        return {
            "basin_stability_table": Job(
                ReturnSpec(runs=runs, loss=loss, seed=study.seed(name), **self.chosen(ReturnChoices)),
                {
                    "evaluation": study.files(paths.EVALUATION, runs, self.point),
                    "kicks": study.files(paths.KICKS, runs, self.point),
                },
            ),
            "basin_stability_compared_table": Job(
                ComparedSpec(seed=study.seed(name, "compared"), **self.chosen(ComparedChoices)),
            ),
            "basin_stability_figure": Job(),
        }

    def part_job(self, stage: str, part: Mapping[str, str], study: Study) -> Job:
        """The kicks of one run at one point."""
        entries = study.entries
        return Job(
            KickSpec(
                model=entries.models[part["model"]],
                descent=entries.polish[part["point"]],
                seed=study.seed(stage, *part.values()),
                **self.chosen(KickChoices),
            )
        )
