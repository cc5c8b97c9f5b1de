"""E6 once more: landscapes of several studies side by side (the paper's Fig. 3)."""

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field, PositiveInt

from lossbasins import paths
from lossbasins.experiments.experiment import Experiment, Job, Problem, Study, figure_stage
from lossbasins.experiments.landscapes.specs import LandscapesInputs, LandscapesSpec
from lossbasins.experiments.named import Entries
from lossbasins.specs import base


class Panel(base.Spec):
    """One landscape."""

    title: str
    """In print, such as `MNIST, mLeNet`."""
    table: str
    """Name of an entry of `volumes`, or the path of such a table of another study without its ending, such as
    `results/published/mnist/tables/volume`; the points lie beside it."""

    @property
    def elsewhere(self) -> bool:
        """Whether it is of another study."""
        return "/" in self.table


class Landscapes(Experiment):
    """The paper's Fig. 3: test accuracy against the volume of basins in several landscapes."""

    stages = (figure_stage(__package__, "landscapes", LandscapesInputs, LandscapesSpec),)

    panels: tuple[Panel, ...] = Field(min_length=1)
    """From left to right."""
    protocols: tuple[Literal["raw", "interpolated", "matched"], ...] = Field(("raw", "matched"), min_length=1)
    """A row each."""
    top: PositiveInt = 50
    """The k of their log inverse volumes."""

    def problems(self, entries: Entries, others: Mapping[str, Experiment]) -> Iterable[Problem]:  # noqa: ARG002
        """A table of the study itself has an entry."""
        known = [name for name in others if name.startswith("volume")]
        for number, panel in enumerate(self.panels):
            if not panel.elsewhere and panel.table not in known:
                allowed = f"{', '.join(known) or 'no entry, since volumes has none'}, or a path"
                yield Problem(f"panels.{number}.table", panel.table, allowed)

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:  # noqa: ARG002
        """The tables of all panels in one figure."""

        def files(ending: str) -> list[str]:
            return [
                f"{panel.table}{ending}.csv"
                if panel.elsewhere
                else study.path(paths.table(f"{panel.table}{ending}", "csv"))
                for panel in self.panels
            ]

        titles = tuple(panel.title for panel in self.panels)
        return {
            "landscapes_figure": Job(
                LandscapesSpec(titles=titles, protocols=self.protocols, top=self.top),
                {"points": files("_points"), "tables": files("")},
            )
        }
