"""E3: whether all initialisations end in solutions that generalise alike (the paper's Table 1)."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from lossbasins import paths
from lossbasins.experiments.experiment import Claim, Experiment, Job, Study, figure_stage, table_stage
from lossbasins.experiments.initialization.specs import (
    Case,
    CaseChoices,
    InitializationOutputs,
    InitializationSpec,
    Printed,
    Row,
)
from lossbasins.experiments.named import NO_ATTACK, Dataset, Entries, Grid, Init, Model, Of, Optimizer
from lossbasins.specs.files import DrawnWithPoints, Evaluations


class Column(CaseChoices):
    """A column of Table 1."""

    dataset: Dataset
    """Name of an entry of `datasets`."""
    model: Model
    """Name of an entry of `models`."""
    optimizer: Optimizer
    """Name of an entry of `optimizers`."""
    inits: Annotated[dict[Init, Printed], Field(min_length=2), Of("inits")]
    """By name of an entry of `inits`, what the paper prints beside it; the paper names the last one alone."""

    def case(self, entries: Entries) -> Case:
        """As its table takes it; a job's JSON text sorts keys, so that what has an order must be a list."""
        return Case(
            **{key: getattr(self, key) for key in CaseChoices.model_fields},
            rows=tuple(Row(init=init, **dict(printed)) for init, printed in self.inits.items()),
            training_images=entries.datasets[self.dataset].train,
        )


class Initialization(Experiment):
    """E3, the paper's Table 1; its runs are implied."""

    number = "E3"
    stages = (
        table_stage(__package__, "initialization", InitializationSpec, Evaluations, InitializationOutputs),
        figure_stage(__package__, "initialization", DrawnWithPoints),
    )
    claims = (
        Claim(
            "initialization",
            "all initialisations end in solutions that generalise alike",
            "best minus worst mean test accuracy",
            "initialization_spread",
            "initialization",
        ),
    )

    cases: tuple[Column, ...] = Field(min_length=1)
    """The columns of Table 1."""
    confidence: float = Field(default=0.95, gt=0, lt=1)
    """Of the intervals."""

    def grids(self) -> Sequence[Grid]:
        """Every initialisation of every case, without attack."""
        return tuple(
            Grid(
                dataset=case.dataset,
                model=case.model,
                init=tuple(case.inits),
                optimizer=case.optimizer,
                attack=NO_ATTACK,
            )
            for case in self.cases
        )

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:  # noqa: ARG002
        """All of its runs in one table."""
        runs = study.runs(self.grids())
        cases = tuple(case.case(study.entries) for case in self.cases)
        return {
            "initialization_table": Job(
                InitializationSpec(runs=runs, cases=cases, confidence=self.confidence),
                {"evaluation": study.files(paths.EVALUATION, runs)},
            ),
            "initialization_figure": Job(),
        }
