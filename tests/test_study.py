import json
import re
from types import SimpleNamespace

import pytest

from lossbasins import paths
from lossbasins.study import Study
from tests.configurations import changed, default

RUN = SimpleNamespace(
    dataset="digits",
    model="mlenet",
    init="he",
    optimizer="sgd",
    attack="w0.1-n100",
    point="matched",
    comparison="volume",
)


@pytest.fixture(scope="module")
def study():
    return Study.from_mapping(default())


def seeds(study, **wildcards):
    job = study.job("train")(SimpleNamespace(**vars(RUN) | wildcards))
    return json.loads(job)["spec"]["seeds"]


def test_a_replica_more_changes_no_other_seed(study):
    more = Study.from_mapping(changed("replicas", 9))
    assert seeds(more)[:3] == seeds(study)
    assert len(set(seeds(more))) == 9


def test_every_run_has_its_own_seeds(study):
    runs = [{"attack": "none"}, {"attack": "w0.1-n100"}, {"optimizer": "adam"}]
    assert len({seed for run in runs for seed in seeds(study, **run)}) == 9


def test_another_study_seed_changes_all(study):
    other = Study.from_mapping(changed("seed", 1))
    assert not set(seeds(other)) & set(seeds(study))


def test_the_name_of_a_study_changes_no_job(study):
    renamed = Study.from_mapping(changed("study", "another"))
    for stage in ("fetch", "split", "train", "evaluate", "spectrum", "frobenius", "volume_table"):
        assert renamed.job(stage)(RUN) == study.job(stage)(RUN)


@pytest.mark.parametrize(
    ("key", "value", "stages"),
    [
        ("optimizers.sgd.epochs", 7, {"train"}),
        ("optimizers.adam.epochs", 7, set()),
        ("replicas", 5, {"train", "curve_fitting", "two_layer"}),
        ("datasets.digits.train", 400, {"split", "initialization_table"}),
        ("curvature.frobenius.probes", 7, {"frobenius"}),
        ("curvature.frobenius.precision", "float64", {"frobenius"}),
        ("curvature.spectrum.precision", "float32", {"spectrum"}),
        ("models.mlenet.options", {"widths": [7, 15]}, {"train", "polish", "evaluate", "frobenius", "spectrum"}),
        ("polish.matched.limit", 7, {"polish"}),
        ("polish.matched.target.loss", 0.1, {"polish", "polish_table", "volume_table"}),
        ("experiments.volumes.volume.top", 20, {"volume_table", "volume_figure"}),
        ("experiments.basin_ratio.below", 0.7, {"basin_ratio_table", "starts_table"}),
        ("experiments.basin_ratio.confidence", 0.9, {"starts_table"}),
        ("experiments.two_layer.width", 30, {"two_layer"}),
        ("experiments.curve_fitting.width", 7, {"curve_fitting"}),
        ("experiments.convex.features", 900, {"convex"}),
        ("claims.rules.volume.below", -0.1, {"claims"}),
        ("experiments.batch_size.confidence", 0.9, {"batch_size_table"}),
        ("experiments.initialization.confidence", 0.9, {"initialization_table"}),
        ("experiments.initialization.cases.0.inits.he.test", [99.0, 0.2], {"initialization_table"}),
        ("device", "cpu", set()),
        ("data_dir", "elsewhere", set()),
    ],
)
def test_a_setting_changes_the_jobs_that_use_it_and_no_other(study, key, value, stages):
    other = Study.from_mapping(changed(key, value))
    names = ("fetch", "split", "train", "evaluate", "spectrum", "frobenius", "spectrum_table", "spectrum_figure")
    names += ("volume_table", "volume_figure", "polish", "polish_table", "summary", "claims")
    names += ("basin_ratio_table", "starts_table", "basin_ratio_figure")
    names += ("batch_size_table", "batch_size_figure", "initialization_table", "initialization_figure")
    names += ("two_layer", "two_layer_figure", "curve_fitting", "curve_fitting_figure", "convex", "convex_figure")
    assert {name for name in names if other.job(name)(RUN) != study.job(name)(RUN)} == stages


def test_experiments_share_runs_and_name_each_once(study):
    grids = default()["experiments"]["volumes"]["volume"]["runs"]
    doubled = Study.from_mapping(changed("experiments.volumes.volume.runs", grids + grids))
    assert doubled.runs("volume") == study.runs("volume")


def test_random_starts_are_the_unattacked_runs_of_the_landscape():
    grid = {"dataset": "digits", "model": "mlenet", "init": "he", "optimizer": "adam", "attack": "none"}
    fresh = {**default()["optimizers"]["adam"], "learning_rate": 0.001}
    configuration = changed("experiments.basin_ratio.starts", {"runs": [{**grid, "optimizer": "slow"}], "replicas": 7})
    configuration["optimizers"]["slow"] = fresh
    study = Study.from_mapping(configuration)
    assert {"sgd", "momentum", "adam", "slow", "full-batch"} == {run.optimizer for run in study.random_starts()}
    assert not any(run.attack for run in study.random_starts())
    assert [len(seeds(study, optimizer=name, attack="none")) for name in ("sgd", "slow")] == [3, 7]


def test_without_basin_ratio_none_of_its_files_is_asked_for():
    study = Study.from_mapping(changed("experiments.basin_ratio", None))
    assert study.random_starts() == ()
    assert study.basin_ratio_files() == {}
    assert not [target for target in study.targets() if "basin_ratio" in target or "starts" in target]


def test_batch_sizes_are_compared_among_runs_that_follow_from_the_experiment(study):
    runs = study.run_files(paths.EVALUATION, "batch_size")
    kinds = [path.split("/runs/")[1].removesuffix("/trained/evaluation.csv").split("/") for path in runs]
    choices = default()["experiments"]["batch_size"]
    full, mini, attack = (choices[key] for key in ("full", "mini", "attack"))
    for model in choices["model"]:
        compared = [(optimizer, attack) for _, name, _, optimizer, attack in kinds if name == model]
        assert sorted(compared) == sorted([(full, "none"), (mini, "none"), (mini, attack)])
    assert len(runs) == 9


def test_initialisations_are_compared_among_runs_that_follow_from_the_cases(study):
    (case,) = default()["experiments"]["initialization"]["cases"]
    inits = [path.split("/runs/")[1].split("/")[:5] for path in study.run_files(paths.EVALUATION, "initialization")]
    assert inits == [[case["dataset"], case["model"], init, case["optimizer"], "none"] for init in case["inits"]]
    (planned,) = json.loads(study.job("initialization_table")(RUN))["spec"]["cases"]
    assert [row["init"] for row in planned["rows"]] == list(case["inits"])


@pytest.mark.parametrize("experiment", ["batch_size", "initialization"])
def test_without_the_experiment_nothing_of_it_is_made(experiment):
    configuration = default()
    del configuration["experiments"][experiment]
    study = Study.from_mapping(configuration)
    assert study.run_files(paths.EVALUATION, experiment) == []
    assert not [target for target in study.targets() if experiment in target]


def test_without_polish_there_is_no_point_but_the_trained_one():
    configuration = default()
    del configuration["polish"], configuration["experiments"]["polish"]
    configuration["experiments"]["volumes"]["volume"]["matched"] = None
    study = Study.from_mapping(configuration)
    assert study.wildcard_constraints()["point"] == "trained"
    assert not re.search(study.polished_points, "")
    assert study.run_files(paths.POLISH, "polish", study.compared_point) == []
    assert not [target for target in study.targets() if "polish" in target]


def test_a_replica_more_is_one_more_start_of_two_layer_networks(study):
    more = Study.from_mapping(changed("replicas", 4))
    starts, others = (json.loads(of.job("two_layer")(RUN))["spec"]["seeds"] for of in (study, more))
    assert others[:3] == starts
    assert len(set(others)) == 4


@pytest.mark.parametrize("name", ["curve_fitting", "convex", "two_layer"])
def test_an_experiment_that_is_not_configured_is_not_planned(study, name):
    configuration = default()
    del configuration["experiments"][name]
    fewer = Study.from_mapping(configuration)
    assert {path for path in study.targets() if path not in fewer.targets()} == {
        *(f"results/digits/tables/{name}.{suffix}" for suffix in ("csv", "md", "tex")),
        *(f"results/digits/figures/{name}.{suffix}" for suffix in ("pdf", "svg", "png")),
    }


@pytest.mark.parametrize("name", ["convex", "two_layer"])
def test_an_experiment_of_its_own_networks_takes_the_split_of_its_data_set(study, name):
    assert study.split_of(name) == ["results/digits/data/digits/split.npz"]
    configuration = default()
    del configuration["experiments"][name]
    assert Study.from_mapping(configuration).split_of(name) == []


def test_a_job_is_one_line_of_json_with_sorted_keys(study):
    text = study.job("train")(RUN)
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
