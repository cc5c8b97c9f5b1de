"""E4: the theorem on two-layer networks and its corollary, checked on good and bad solutions (section 4)."""

from collections.abc import Iterable, Mapping

from lossbasins import paths
from lossbasins.experiments.experiment import Claim, Experiment, Job, Problem, Study, figure_stage, table_stage
from lossbasins.experiments.named import NO_ATTACK, RANDOM_LABELS, Attacks, Dataset, Entries, parse_attack
from lossbasins.experiments.two_layer.specs import TwoLayerChoices, TwoLayerSpec
from lossbasins.specs.files import Drawn, Images


class TwoLayer(TwoLayerChoices, Experiment):
    """E4, section 4; its networks are trained apart from all runs."""

    number = "E4"
    stages = (
        table_stage(__package__, "two_layer", TwoLayerSpec, Images, name="two_layer"),
        figure_stage(__package__, "two_layer", Drawn),
    )
    claims = (
        Claim(
            "two_layer_equality",
            "E|grad_x f|^2 = <B B^T, F_cc> in two-layer networks",
            "relative error",
            "two_layer",
            "two_layer",
        ),
        Claim("two_layer_bound", "E|grad_x f|^2 <= |B|^2 |F_cc|", "left side / right side", "two_layer", "two_layer"),
    )

    dataset: Dataset
    """Name of an entry of `datasets`."""
    attack: Attacks
    """As in runs: `none`, or weight and size; each point gets the target that its true class has not."""

    def problems(self, entries: Entries, others: Mapping[str, Experiment]) -> Iterable[Problem]:  # noqa: ARG002
        """Images are not averaged up, and its networks know no random labels."""
        if random := [name for name in self.attack if RANDOM_LABELS.fullmatch(name)]:
            yield Problem("attack", random, f"{NO_ATTACK}, or weight and size, as in w0.1-n400")
        size = entries.datasets[self.dataset].shorter_side
        if size is not None and self.pixels > size:
            yield Problem("pixels", self.pixels, f"at most datasets.{self.dataset}.image_size, {size}")

    def jobs(self, name: str, study: Study) -> Mapping[str, Job]:
        """Networks of its own, on one split."""
        spec = TwoLayerSpec(
            **self.chosen(TwoLayerChoices),
            attacks=tuple(map(parse_attack, self.attack)),
            seeds=study.seeds(name),
        )
        return {
            "two_layer": Job(spec, {"split": study.path(paths.SPLIT, dataset=self.dataset)}),
            "two_layer_figure": Job(),
        }
