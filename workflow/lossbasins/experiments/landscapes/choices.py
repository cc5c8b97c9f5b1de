"""E6 once more: landscapes of several studies side by side (the paper's Fig. 3)."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, PositiveInt

from lossbasins.experiments.experiment import Experiment, Job, Study, figure_stage
from lossbasins.experiments.landscapes.specs import LandscapesInputs, LandscapesSpec
from lossbasins.specs import base


class Panel(base.Spec):
    """One landscape."""

    title: str
    """In print, such as `MNIST, mLeNet`."""
    table: str
    """Path of a table of volumes without its ending, also of another study, such as
    `results/published/mnist/tables/volume`; the points lie beside it."""


class Landscapes(Experiment):
    """The paper's Fig. 3: test accuracy against the volume of basins in several landscapes."""

    stages = (figure_stage(__package__, "landscapes", LandscapesInputs, LandscapesSpec),)

    panels: tuple[Panel, ...] = Field(min_length=1)
    """From left to right."""
    protocols: tuple[Literal["raw", "interpolated", "matched"], ...] = Field(("raw", "matched"), min_length=1)
    """A row each."""
    top: PositiveInt = 50
    """The k of their log inverse volumes."""

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:  # noqa: ARG002
        """The tables of all panels in one figure."""
        titles = tuple(panel.title for panel in self.panels)
        return {
            "landscapes_figure": Job(
                LandscapesSpec(titles=titles, protocols=self.protocols, top=self.top),
                {
                    "points": [f"{panel.table}_points.csv" for panel in self.panels],
                    "tables": [f"{panel.table}.csv" for panel in self.panels],
                },
            )
        }
