"""E7: models that are linear in their parameters have the same Hessian at good and bad minima (Appendix B)."""

from collections.abc import Iterable, Mapping

from lossbasins import paths
from lossbasins.experiments.convex.specs import ConvexChoices, ConvexOutputs, ConvexSpec, FigureInputs
from lossbasins.experiments.experiment import Claim, Experiment, Job, Problem, Study, figure_stage, table_stage
from lossbasins.experiments.named import Dataset, Entries
from lossbasins.specs.files import Images


class Convex(ConvexChoices, Experiment):
    """E7, the paper's Appendix B."""

    number = "E7"
    stages = (
        table_stage(__package__, "convex", ConvexSpec, Images, ConvexOutputs, name="convex"),
        figure_stage(__package__, "convex", FigureInputs),
    )
    claims = (
        Claim(
            "convex",
            "linear models have the same Hessian at good and bad minima",
            "difference of eigenvalues / largest eigenvalue",
            "convex",
            "convex",
        ),
    )

    dataset: Dataset
    """Name of an entry of `datasets`."""

    def problems(self, entries: Entries, others: Mapping[str, Experiment]) -> Iterable[Problem]:  # noqa: ARG002
        """The data set has as many images as it takes."""
        dataset = entries.datasets[self.dataset]
        for key, given, left in (("train", self.train, dataset.train), ("attack", self.attack, dataset.attack)):
            if given > left:
                yield Problem(key, given, f"at most the {left} images of datasets.{self.dataset}.{key}")

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:
        """Minima of its own, on one split."""
        return {
            "convex": Job(
                ConvexSpec(**self.chosen(ConvexChoices), seed=study.seed(name)),
                {"split": study.path(paths.SPLIT, dataset=self.dataset)},
            ),
            "convex_figure": Job(),
        }
