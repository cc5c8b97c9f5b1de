"""Convex (E7, Appendix B): Hessians at good and bad minima of models that are linear in their parameters."""

from typing import get_args

from lossbasins.data.parity import attack_points, test_points, train_points
from lossbasins.data.split import Split
from lossbasins.experiments.convex.minima import Comparison, Kind, Samples, compare, features_of
from lossbasins.experiments.convex.numbers import comparison_table, eigenvalue_table, printed_convex
from lossbasins.experiments.convex.specs import ConvexOutputs, ConvexSpec
from lossbasins.reporting.formats import to_csv
from lossbasins.specs.files import Images
from lossbasins.stages.arrays import read_split
from lossbasins.stages.context import Context
from lossbasins.stages.tables import write_table


def run(spec: ConvexSpec, inputs: Images, outputs: ConvexOutputs, context: Context) -> None:
    """Compares the minima of one model after another."""
    split = read_split(inputs.split)
    comparisons = {kind: _comparisons(spec, split, kind) for kind in context.progress(get_args(Kind), "model")}
    table = comparison_table(comparisons, split.note)
    printed = printed_convex(table, spec)
    outputs.eigenvalues.write_text(to_csv(eigenvalue_table(comparisons)))
    write_table(outputs, table, printed)


def _comparisons(spec: ConvexSpec, split: Split, kind: Kind) -> list[Comparison]:
    train, test = (points(split, spec.pixels, "cpu") for points in (train_points, test_points))
    attack = attack_points(split, spec.attack, spec.pixels, "cpu")
    features = features_of(kind, train.inputs.shape[1], spec.features, spec.degree, spec.seed)
    samples = (
        Samples(features(points.inputs[:size].numpy()), points.targets[:size, 0].numpy())
        for points, size in ((train, spec.train), (attack, spec.attack), (test, None))
    )
    return compare(*samples)
