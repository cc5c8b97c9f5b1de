"""E2: full batches against mini batches (the table of section 3.1)."""

from collections.abc import Iterable, Mapping, Sequence

from lossbasins import paths
from lossbasins.experiments.batch_size.specs import BatchSizeChoices, BatchSizeSpec
from lossbasins.experiments.experiment import Claim, Experiment, Job, Problem, Study, figure_stage, table_stage
from lossbasins.experiments.named import NO_ATTACK, Attack, Dataset, Entries, Grid, Init, Models, Optimizer
from lossbasins.specs.files import DrawnWithPoints, Evaluations, TableWithPoints


class BatchSize(BatchSizeChoices, Experiment):
    """E2, the table of section 3.1; its runs are implied."""

    number = "E2"
    stages = (
        table_stage(__package__, "batch_size", BatchSizeSpec, Evaluations, TableWithPoints),
        figure_stage(__package__, "batch_size", DrawnWithPoints),
    )
    claims = (
        Claim(
            "batch_size",
            "full batches generalise as mini batches do",
            "|full - mini| / (mini - attacked), of test accuracies",
            "batch_size",
            "batch_size",
            counts_fitted=True,
        ),
    )

    dataset: Dataset
    """Name of an entry of `datasets`."""
    model: Models
    """Names of entries of `models`, each with a row of its own."""
    init: Init
    """Name of an entry of `inits`."""
    full: Optimizer
    """Name of the optimizer whose batch is full."""
    mini: Optimizer
    """Name of the optimizer whose batch is not, which trains the bad solutions too."""
    attack: Attack
    """Weight and size, as in runs: makes bad solutions, whose distance from the good ones is the yardstick."""

    def grids(self) -> Sequence[Grid]:
        """Both batches without attack, and mini batches with it."""
        good = Grid(
            dataset=self.dataset,
            model=self.model,
            init=self.init,
            optimizer=(self.full, self.mini),
            attack=NO_ATTACK,
        )
        return good, good.model_copy(update={"optimizer": (self.mini,), "attack": (self.attack,)})

    def problems(self, entries: Entries, others: Mapping[str, Experiment]) -> Iterable[Problem]:  # noqa: ARG002
        """One batch is full and the other is not, and there is an attack."""
        if entries.optimizers[self.full].batch != "full":
            yield Problem("full", self.full, "an optimizer with batch: full")
        if entries.optimizers[self.mini].batch == "full":
            yield Problem("mini", self.mini, "an optimizer whose batch is not full")
        if self.attack == NO_ATTACK:
            yield Problem("attack", self.attack, "weight and size, as in w0.1-n400")

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:  # noqa: ARG002
        """All of its runs in one table."""
        runs = study.runs(self.grids())
        return {
            "batch_size_table": Job(
                BatchSizeSpec(runs=runs, **self.chosen(BatchSizeChoices)),
                {"evaluation": study.files(paths.EVALUATION, runs)},
            ),
            "batch_size_figure": Job(),
        }
