"""Runs that a table compares: any, or those of one landscape."""

import math
from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from lossbasins.specs import base
from lossbasins.specs.entries import AttackSpec
from lossbasins.specs.random_labels import RandomLabelsSpec
from lossbasins.specs.runs import RunSpec


class Runs(base.Spec):
    """Which runs a table is made of."""

    runs: tuple[RunSpec, ...] = Field(min_length=1)
    """In the order of the inputs."""

    def labels(self) -> list[dict[str, str | float | int]]:
        """Columns that identify each run in tables.

        No attack is `none` with weight and size 0. Random labels have no weight, and their size counts copies.
        """
        return [
            {
                "dataset": run.dataset,
                "model": run.model,
                "init": run.init,
                "optimizer": run.optimizer,
                "attack": run.attack.name if run.attack else "none",
                **_weight_and_size(run.attack),
            }
            for run in self.runs
        ]


class Comparison(Runs):
    """Which runs to compare. Volumes mean something only within one landscape: one data set and one model."""

    @model_validator(mode="after")
    def _check_landscape(self) -> Self:
        landscapes = sorted({f"{run.dataset}/{run.model}" for run in self.runs})
        if len(landscapes) > 1:
            raise PydanticCustomError(
                "several_landscapes",
                "runs of several landscapes ({landscapes}) cannot be compared: give each its own table",
                {"landscapes": ", ".join(landscapes)},
            )
        return self


def _weight_and_size(attack: AttackSpec | RandomLabelsSpec | None) -> dict[str, float | int]:
    if isinstance(attack, RandomLabelsSpec):
        return {"attack_weight": math.nan, "attack_size": attack.copies}
    return {"attack_weight": attack.weight if attack else 0.0, "attack_size": attack.size if attack else 0}
