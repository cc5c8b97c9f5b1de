"""E12: volume by counting, and whether what it holds generalises as what gradients find (beyond the paper)."""

import itertools
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from lossbasins import paths
from lossbasins.experiments.experiment import (
    Claim,
    Experiment,
    Job,
    Problem,
    Study,
    figure_stage,
    part_stage,
    table_stage,
)
from lossbasins.experiments.guess_and_check.specs import (
    CountChoices,
    CountOutputs,
    CountSpec,
    TableChoices,
    TableInputs,
    TableSpec,
)
from lossbasins.experiments.named import Dataset, Entries
from lossbasins.specs.files import Drawn, Images

TABLE = "guess_and_check"


def _rising(images: tuple[int, ...]) -> tuple[int, ...]:
    if any(first >= second for first, second in itertools.pairwise(images)):
        raise PydanticCustomError("not_rising", "numbers of images must rise, each above the one before")
    return images


class GuessAndCheck(CountChoices, TableChoices, Experiment):
    """E12, beyond the paper; its networks are drawn and trained apart from all runs."""

    number = "E12"
    stages = (
        part_stage(__package__, "count", paths.COUNT_WAYS, CountSpec, Images, CountOutputs, name=f"{TABLE}_count"),
        table_stage(__package__, TABLE, TableSpec, TableInputs),
        figure_stage(__package__, TABLE, Drawn),
    )
    claims = (
        Claim(
            "random_interpolators",
            "random interpolators generalise as those that gradients find",
            "test accuracy, gradients minus volume, at equal normalised loss",
            TABLE,
            TABLE,
        ),
        Claim(
            "bad_interpolators",
            "the share of bad ones among random interpolators falls with the number of images",
            "share of bad ones, most images minus fewest",
            TABLE,
            TABLE,
        ),
    )

    dataset: Dataset
    """Name of an entry of `datasets`."""
    images: Annotated[tuple[Annotated[int, Field(ge=2)], ...], Field(min_length=2), AfterValidator(_rising)]
    """Numbers of training images that networks are to fit: the first so many."""

    def problems(self, entries: Entries, others: Mapping[str, Experiment]) -> Iterable[Problem]:  # noqa: ARG002
        """The data set has as many images as it takes, and images are not averaged up."""
        dataset = entries.datasets[self.dataset]
        if self.images[-1] > dataset.train:
            yield Problem(
                "images", self.images[-1], f"at most the {dataset.train} images of datasets.{self.dataset}.train"
            )
        if dataset.shorter_side is not None and self.pixels > dataset.shorter_side:
            yield Problem("pixels", self.pixels, f"at most datasets.{self.dataset}.image_size, {dataset.shorter_side}")

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:  # noqa: ARG002
        """The counts for all numbers of images."""
        spec = TableSpec(**self.chosen(TableChoices), images=self.images, pixels=self.pixels, widths=(*self.hidden, 1))
        files = {
            kind: [study.path(pattern, images=str(images)) for images in self.images]
            for kind, pattern in (("ways", paths.COUNT_WAYS), ("nets", paths.COUNT_NETS))
        }
        return {f"{TABLE}_table": Job(spec, files), f"{TABLE}_figure": Job()}

    def parts(self) -> Mapping[str, Iterable[object]]:
        """Numbers of images."""
        return {"images": self.images}

    def part_job(self, stage: str, part: Mapping[str, str], study: Study) -> Job:  # noqa: ARG002
        """A count for one number of images."""
        images = int(part["images"])
        spec = CountSpec(**self.chosen(CountChoices), images=images, seed=study.seed(TABLE, images))
        return Job(spec, {"split": study.path(paths.SPLIT, dataset=self.dataset)})
