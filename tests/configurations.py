"""The default configuration, and twenty ways to get one wrong."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]

RUN = {"dataset": "digits", "model": "mlenet", "init": "he", "optimizer": "sgd", "attack": "none"}
PRINTED = {"train": [99.0, 1.0], "test": [99.0, 1.0]}


def default() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "config.yaml").read_text())


def changed(path: str, value: object) -> dict[str, Any]:
    """The default configuration with one key set."""
    configuration = default()
    *parents, last = path.split(".")
    place = configuration
    for key in parents:
        place = place[int(key)] if isinstance(place, list) else place[key]
    place[int(last) if isinstance(place, list) else last] = value
    return configuration


# Key set, value given, what the one line must name: the key's full path, then what is allowed.
BAD: list[tuple[str, object, str, str]] = [
    ("replica", 3, "replica", "replicas"),
    ("replicas", 0, "replicas", "greater than 0"),
    ("replicas", 99_999_999, "replicas", "10000"),
    ("replicas", "4", "replicas", "integer"),
    ("replicas", "08", "replicas", "YAML takes 08 for text: write 8"),
    ("optimizers.sgd.learning_rate", "1e-3", "optimizers.sgd.learning_rate", "text: write 0.001"),
    ("optimizers.sgd.learning_rate", "1e-12", "optimizers.sgd.learning_rate", "text: write 1.0e-12"),
    ("own", "studies/nowhere", "own", "there is no such folder below"),
    ("seed", -1, "seed", "greater than or equal to 0"),
    ("device", "gpu", "device", "'auto', 'cpu' or 'cuda'"),
    ("study", "my study", "study", "match pattern"),
    ("datasets.digits.source", "digit", "datasets.digits.source", "cifar10, digits, mnist, npz, svhn"),
    ("datasets.digits.train", 51.2, "datasets.digits.train", "integer"),
    ("datasets.digits.colour", True, "datasets.digits.colour", "image_size"),
    ("datasets.digits.wrong_labels", "random", "datasets.digits.wrong_labels", "'uniform' or 'shifted'"),
    ("datasets.digits.test", "some", "datasets.digits.test", "'all'"),
    (
        "models.mlenet.architecture",
        "mlenets",
        "models.mlenet.architecture",
        "fnn, lenet, mlenet, resnet18, resnet32, snin",
    ),
    ("models.mlenet.options", {"width": 3}, "models.mlenet.options", "widths"),
    ("models.mlenet.options", {"widths": [6]}, "models.mlenet.options", "widths"),
    ("optimizers.sgd.method", "sdg", "optimizers.sgd.method", "adam, lbfgs, momentum, rmsprop, sgd"),
    ("optimizers.sgd.learning_rate", "fast", "optimizers.sgd.learning_rate", "number"),
    ("optimizers.sgd.batch", "all", "optimizers.sgd.batch", "'full'"),
    ("inits.he.gain", float("nan"), "inits.he.gain", "number"),
    (
        "experiments.volumes.volume.runs",
        [{**RUN, "optimizer": "lbfgs"}],
        "experiments.volumes.volume.runs.0.optimizer",
        "sgd, momentum",
    ),
    (
        "experiments.volumes.volume.runs",
        [{**RUN, "attack": "w0.1-n5000"}],
        "experiments.volumes.volume.runs.0.attack",
        "at most the",
    ),
    (
        "experiments.volumes.volume.runs",
        [{**RUN, "attack": "strong"}],
        "experiments.volumes.volume.runs.0.attack",
        "w0.1-n400",
    ),
    (
        "experiments.volumes.volume.runs",
        [RUN, {**RUN, "model": "fnn"}],
        "experiments.volumes.volume.runs.1.model",
        "mlenet",
    ),
    ("experiments.volumes.volume.runs", [], "experiments.volumes.volume.runs", "at least 1"),
    ("experiments.basin_ratio.volumes", "volume-svhn", "experiments.basin_ratio.volumes", "allowed: volume"),
    (
        "experiments.basin_ratio.starts",
        {"runs": [{**RUN, "attack": "w0.1-n100"}], "replicas": 3},
        "experiments.basin_ratio.starts.runs.0.attack",
        "no random start",
    ),
    (
        "experiments.basin_ratio.starts",
        {"runs": [{**RUN, "model": "fnn"}], "replicas": 3},
        "experiments.basin_ratio.starts.runs.0.model",
        "mlenet",
    ),
    (
        "experiments.basin_ratio.starts",
        {"runs": [{**RUN, "dataset": "other"}], "replicas": 3},
        "experiments.basin_ratio.starts.runs.0.dataset",
        "digits",
    ),
    ("claims.rules.volume", {"below": 0, "above": 1}, "claims.rules.volume", "either below or above"),
    ("claims.rules.volume.fitted_at_least", 3, "claims.rules.volume.fitted_at_least", "counts no fitted solutions"),
    ("claims.rules.batch_size.fitted_at_least", 9, "claims.rules.batch_size.fitted_at_least", "at most the 3 replicas"),
    ("claims.rules.volumes", {"below": 0}, "claims.rules.volumes", "'volume'"),
    ("experiments.spectrum", {"top": 5}, "experiments.spectrum.runs", "missing"),
    ("experiments.curve_fitting.interval", [1, -1], "experiments.curve_fitting", "lower end first"),
    ("experiments.curve_fitting.points", [0.3, 0.3], "experiments.curve_fitting", "differ"),
    ("experiments.curve_fitting.attack.points", [2.0], "experiments.curve_fitting", "in the interval"),
    ("experiments.curve_fitting.depths", [0], "experiments.curve_fitting.depths.0", "greater than 0"),
    ("experiments.convex.dataset", "mnist", "experiments.convex.dataset", "digits"),
    ("experiments.convex.attack", 301, "experiments.convex.attack", "at most the 300"),
    ("experiments.convex.features", 512, "experiments.convex", "more than train + attack = 512"),
    ("polish.matched.target", {}, "polish.matched.target", "either loss or gradient_norm"),
    ("polish.matched.target.gradient_norm", 0.1, "polish.matched.target", "either loss or gradient_norm"),
    ("polish.matched.target.loss", -1, "polish.matched.target.loss", "greater than 0"),
    ("polish.matched.method", "adam", "polish.matched.method", "'lbfgs' or 'momentum'"),
    ("polish.matched.epochs", 5, "polish.matched.epochs", "limit"),
    (
        "polish.matched",
        {"target": {"loss": 0.1}, "method": "momentum", "limit": 9},
        "polish.matched",
        "momentum needs a learning_rate",
    ),
    ("polish.trained", {"target": {"loss": 0.1}, "limit": 9}, "polish.trained", "any other name"),
    ("evaluation.precision", "float16", "evaluation.precision", "'float32' or 'float64'"),
    ("experiments.basin_stability.radii", [0.2, 0.1], "experiments.basin_stability", "smallest on"),
    ("experiments.basin_stability.radii", [0.2], "experiments.basin_stability.radii", "at least 2"),
    ("experiments.basin_stability.radii", [0.0, 0.2], "experiments.basin_stability.radii.0", "greater than 0"),
    ("experiments.basin_stability.kicks", 0, "experiments.basin_stability.kicks", "greater than 0"),
    ("experiments.basin_stability.within", 2, "experiments.basin_stability.within", "less than 1"),
    ("experiments.basin_stability.point", "mached", "experiments.basin_stability.point", "matched"),
    ("experiments.polish.point", "mached", "experiments.polish.point", "matched"),
    ("experiments.polish.points", "matched", "experiments.polish.points", "point"),
    ("experiments.polish.runs", [{**RUN, "model": "fnn"}], "experiments.polish.runs.0.model", "mlenet"),
    (
        "experiments.volumes.volume.runs",
        [{**RUN, "attack": "w1e+400-n100"}],
        "experiments.volumes.volume.runs.0.attack",
        "w0.1-n400",
    ),
    ("optimizers.sgd.method", "lbfgs", "optimizers.sgd", "batch: full"),
    ("optimizers.sgd.schedule", "linear", "optimizers.sgd.schedule", "'constant' or 'cosine'"),
    ("optimizers.sgd.schedule", {"after": [3]}, "optimizers.sgd.schedule.factor", "missing"),
    ("curvature.frobenius.method", "finite_difference", "curvature.frobenius", "precision: float64"),
    ("curvature.frobenius.probes", 5, "curvature.frobenius.probes", "greater than or equal to 6"),
    ("experiments.guess_and_check.dataset", "mnist", "experiments.guess_and_check.dataset", "digits"),
    ("experiments.guess_and_check.images", [4, 4], "experiments.guess_and_check.images", "each above the one before"),
    ("experiments.guess_and_check.images", [4, 513], "experiments.guess_and_check.images", "at most the 512 images"),
    ("experiments.guess_and_check.images", [4], "experiments.guess_and_check.images", "at least 2 items"),
    ("experiments.guess_and_check.pixels", 29, "experiments.guess_and_check.pixels", "image_size, 28"),
    (
        "experiments.guess_and_check.learning_rates",
        {"lbfgs": 1},
        "experiments.guess_and_check.learning_rates.lbfgs",
        "'adam'",
    ),
    ("experiments.two_layer.dataset", "digit", "experiments.two_layer.dataset", "digits"),
    ("experiments.two_layer.activations", ["gelu"], "experiments.two_layer.activations.0", "'tanh', 'softplus' or"),
    ("experiments.two_layer.attack", ["strong"], "experiments.two_layer.attack", "w0.1-n400"),
    ("experiments.two_layer.attack", ["w1-n5000"], "experiments.two_layer.attack", "at most the 300 images"),
    ("experiments.two_layer.attack", ["random-r4"], "experiments.two_layer.attack", "weight and size"),
    ("experiments.two_layer.pixels", 29, "experiments.two_layer.pixels", "at most datasets.digits.image_size, 28"),
    ("experiments.two_layer.factors", [0.0], "experiments.two_layer.factors.0", "greater than 0"),
    ("experiments.batch_size.full", "momentum", "experiments.batch_size.full", "batch: full"),
    ("experiments.batch_size.mini", "full-batch", "experiments.batch_size.mini", "batch is not full"),
    ("experiments.batch_size.mini", "lbfgs", "experiments.batch_size.mini", "sgd, momentum"),
    ("experiments.batch_size.model", ["mlenet", "vgg"], "experiments.batch_size.model", "mlenet, lenet"),
    ("experiments.batch_size.attack", "none", "experiments.batch_size.attack", "weight and size"),
    ("experiments.batch_size.attack", "w0.1-n5000", "experiments.batch_size.attack", "at most the"),
    ("experiments.batch_size.attack", "strong", "experiments.batch_size.attack", "w0.1-n400"),
    ("experiments.batch_size.runs", [RUN], "experiments.batch_size.runs", "model"),
    (
        "experiments.initialization.cases.0.inits",
        {"he": {"train": [99, 1], "test": [99, 1]}},
        "experiments.initialization.cases.0.inits",
        "at least 2",
    ),
    ("experiments.initialization.cases.0.inits.xavier", PRINTED, "experiments.initialization.cases.0.inits", "he"),
    ("experiments.initialization.cases.0.model", "vgg", "experiments.initialization.cases.0.model", "lenet"),
    (
        "experiments.initialization.cases.0.inits.he.test",
        [0.99],
        "experiments.initialization.cases.0.inits.he.test.1",
        "missing",
    ),
    ("experiments.initialization.cases.0.paper.runs", 1, "experiments.initialization.cases.0.paper.runs", "equal to 2"),
]
