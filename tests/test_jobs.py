import json
from types import SimpleNamespace

import pytest

from lossbasins import paths
from lossbasins.jobs import Jobs
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


def jobs_of(configuration):
    return Jobs(Study.from_mapping(configuration))


@pytest.fixture(scope="module")
def jobs():
    return jobs_of(default())


def seeds(jobs, **wildcards):
    job = jobs.of("train")(SimpleNamespace(**vars(RUN) | wildcards))
    return json.loads(job)["spec"]["seeds"]


def test_a_replica_more_changes_no_other_seed(jobs):
    more = jobs_of(changed("replicas", 9))
    assert seeds(more)[:3] == seeds(jobs)
    assert len(set(seeds(more))) == 9


def test_every_run_has_its_own_seeds(jobs):
    runs = [{"attack": "none"}, {"attack": "w0.1-n100"}, {"optimizer": "adam"}]
    assert len({seed for run in runs for seed in seeds(jobs, **run)}) == 9


def test_another_study_seed_changes_all(jobs):
    other = jobs_of(changed("seed", 1))
    assert not set(seeds(other)) & set(seeds(jobs))


def test_the_name_of_a_study_changes_no_job(jobs):
    renamed = jobs_of(changed("study", "another"))
    for stage in ("fetch", "split", "train", "evaluate", "spectrum", "frobenius", "volume_table"):
        assert renamed.of(stage)(RUN) == jobs.of(stage)(RUN)


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
def test_a_setting_changes_the_jobs_that_use_it_and_no_other(jobs, key, value, stages):
    other = jobs_of(changed(key, value))
    names = ("fetch", "split", "train", "evaluate", "spectrum", "frobenius", "spectrum_table", "spectrum_figure")
    names += ("volume_table", "volume_figure", "polish", "polish_table", "summary", "claims")
    names += ("basin_ratio_table", "starts_table", "basin_ratio_figure")
    names += ("batch_size_table", "batch_size_figure", "initialization_table", "initialization_figure")
    names += ("two_layer", "two_layer_figure", "curve_fitting", "curve_fitting_figure", "convex", "convex_figure")
    assert {name for name in names if other.of(name)(RUN) != jobs.of(name)(RUN)} == stages


def test_random_starts_are_the_unattacked_runs_of_the_landscape():
    grid = {"dataset": "digits", "model": "mlenet", "init": "he", "optimizer": "adam", "attack": "none"}
    fresh = {**default()["optimizers"]["adam"], "learning_rate": 0.001}
    configuration = changed("experiments.basin_ratio.starts", {"runs": [{**grid, "optimizer": "slow"}], "replicas": 7})
    configuration["optimizers"]["slow"] = fresh
    jobs = jobs_of(configuration)
    assert {"momentum", "adam", "slow", "full-batch"} == {run.optimizer for run in jobs.study.random_starts()}
    assert not any(run.attack for run in jobs.study.random_starts())
    assert [len(seeds(jobs, optimizer=name, attack="none")) for name in ("adam", "slow")] == [3, 7]


def test_initialisations_are_compared_among_runs_that_follow_from_the_cases(jobs):
    (case,) = default()["experiments"]["initialization"]["cases"]
    inits = [
        path.split("/runs/")[1].split("/")[:5] for path in jobs.study.run_files(paths.EVALUATION, "initialization")
    ]
    assert inits == [[case["dataset"], case["model"], init, case["optimizer"], "none"] for init in case["inits"]]
    (planned,) = json.loads(jobs.of("initialization_table")(RUN))["spec"]["cases"]
    assert [row["init"] for row in planned["rows"]] == list(case["inits"])


def test_a_replica_more_is_one_more_start_of_two_layer_networks(jobs):
    more = jobs_of(changed("replicas", 4))
    starts, others = (json.loads(each.of("two_layer")(RUN))["spec"]["seeds"] for each in (jobs, more))
    assert others[:3] == starts
    assert len(set(others)) == 4


def test_a_job_is_one_line_of_json_with_sorted_keys(jobs):
    text = jobs.of("train")(RUN)
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
