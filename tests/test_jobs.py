import json
from types import SimpleNamespace

import pytest

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
    images="8",
)


MEASURES = set(Study.from_mapping(default()).measures)
MLENETS = {"train", "polish", "evaluate", "kick", *MEASURES}


def jobs_of(configuration):
    return Jobs(Study.from_mapping(configuration))


def text(jobs, stage):
    return jobs.text(jobs.study.stage(stage), RUN)


@pytest.fixture(scope="module")
def jobs():
    return jobs_of(default())


def seeds(jobs, **wildcards):
    return jobs.spec("train", SimpleNamespace(**vars(RUN) | wildcards)).seeds


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
        assert text(renamed, stage) == text(jobs, stage)


@pytest.mark.parametrize(
    ("key", "value", "stages"),
    [
        ("optimizers.sgd.epochs", 7, {"train"}),
        ("optimizers.adam.epochs", 7, set()),
        ("replicas", 5, {"train", "curve_fitting", "two_layer", "distance"}),
        ("datasets.digits.train", 400, {"split", "initialization_table"}),
        ("curvature.frobenius.probes", 7, {"frobenius"}),
        ("curvature.frobenius.precision", "float64", {"frobenius"}),
        ("curvature.spectrum.precision", "float32", {"spectrum"}),
        ("models.mlenet.options", {"widths": [7, 15]}, MLENETS),
        ("polish.matched.limit", 7, {"polish", "kick"}),
        (
            "polish.matched.target.loss",
            0.1,
            {"polish", "polish_table", "volume_table", "measures_table", "kick", "basin_stability_table"},
        ),
        ("experiments.basin_stability.kicks", 7, {"kick"}),
        ("experiments.basin_stability.within", 0.01, {"basin_stability_table"}),
        ("experiments.basin_stability.norm_within", 0.2, {"basin_stability_compared_table"}),
        ("experiments.volumes.volume.top", 20, {"volume_table", "volume_figure"}),
        ("experiments.basin_ratio.below", 0.7, {"basin_ratio_table", "starts_table"}),
        ("experiments.basin_ratio.confidence", 0.9, {"starts_table"}),
        ("experiments.two_layer.width", 30, {"two_layer"}),
        ("experiments.curve_fitting.width", 7, {"curve_fitting"}),
        ("experiments.convex.features", 900, {"convex"}),
        ("experiments.guess_and_check.moves", 7, {"guess_and_check_count"}),
        ("experiments.guess_and_check.below", 0.7, {"guess_and_check_table"}),
        ("experiments.guess_and_check.images", [4, 8, 17], {"guess_and_check_table"}),
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
    names = ("fetch", "split", "train", "evaluate", "polish", "claims", "summary", *jobs.study.measures)
    names += tuple(jobs.study.stages)
    assert {name for name in names if text(other, name) != text(jobs, name)} == stages


def test_random_starts_are_the_unattacked_runs_of_the_landscape():
    grid = {"dataset": "digits", "model": "mlenet", "init": "he", "optimizer": "adam", "attack": "none"}
    fresh = {**default()["optimizers"]["adam"], "learning_rate": 0.001}
    configuration = changed("experiments.basin_ratio.starts", {"runs": [{**grid, "optimizer": "slow"}], "replicas": 7})
    configuration["optimizers"]["slow"] = fresh
    jobs = jobs_of(configuration)
    starts = jobs.spec("starts_table", RUN).runs
    assert {"momentum", "adam", "slow", "full-batch"} == {run.optimizer for run in starts}
    assert not any(run.attack for run in starts)
    assert [len(seeds(jobs, optimizer=name, attack="none")) for name in ("adam", "slow")] == [3, 7]


def test_initialisations_are_compared_among_runs_that_follow_from_the_cases(jobs):
    (case,) = default()["experiments"]["initialization"]["cases"]
    evaluations = jobs.study.job("initialization_table", RUN).inputs["evaluation"]
    inits = [path.split("/runs/")[1].split("/")[:5] for path in evaluations]
    assert inits == [[case["dataset"], case["model"], init, case["optimizer"], "none"] for init in case["inits"]]
    (planned,) = jobs.spec("initialization_table", RUN).cases
    assert planned.inits == list(case["inits"])


def test_a_replica_more_is_one_more_start_of_two_layer_networks(jobs):
    more = jobs_of(changed("replicas", 4))
    starts, others = (each.spec("two_layer", RUN).seeds for each in (jobs, more))
    assert others[:3] == starts
    assert len(set(others)) == 4


def test_a_job_is_one_line_of_json_with_sorted_keys(jobs):
    line = text(jobs, "train")
    assert line == json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"))


def test_each_measure_of_each_run_has_a_seed_of_its_own(jobs):
    other = SimpleNamespace(**vars(RUN) | {"attack": "none"})
    specs = [jobs.spec(measure, run) for measure in ("frobenius", "spectrum") for run in (RUN, other)]
    assert [chosen.name for spec in specs for chosen in spec.measures] == ["frobenius"] * 2 + ["spectrum"] * 2
    assert len({chosen.seed for spec in specs for chosen in spec.measures}) == 4


def test_every_claim_of_the_default_study_is_judged_by_the_table_that_it_names(jobs):
    judged = jobs.spec("claims", RUN).judged
    assert [claim.name for claim in judged] == list(default()["claims"]["rules"])
    assert [claim.entry for claim in judged if claim.entry] == ["volume"]
    tables = {claim.name: table for claim, table in zip(judged, jobs.claim_tables(), strict=True)}
    assert tables["initialization"] == "results/digits/tables/initialization_spread.csv"
    assert tables["volume"] == "results/digits/tables/volume.csv"
    assert tables["sampled"] == "results/digits/tables/measures_differences.csv"
    assert tables["starts"] == "results/digits/tables/starts.csv"


def test_only_claims_with_a_rule_are_judged():
    fewer = jobs_of(changed("claims.rules", {"volume": {"below": 0}, "convex": {"below": 1e-10}}))
    assert [claim.name for claim in fewer.spec("claims", RUN).judged] == ["volume", "convex"]
    assert fewer.claim_tables() == [f"results/digits/tables/{name}.csv" for name in ("volume", "convex")]


def test_what_is_not_configured_is_not_judged_and_not_told_of(jobs):
    only_spectrum = changed("experiments", {"spectrum": default()["experiments"]["spectrum"]})
    fewer = jobs_of(only_spectrum)
    assert [claim.name for claim in fewer.spec("claims", RUN).judged] == ["spectrum"]
    assert (fewer.spec("summary", RUN).told, fewer.told_tables()) == ((), [])
    told = [(one.name, one.module) for one in jobs.spec("summary", RUN).told]
    assert told == [
        ("volume", "lossbasins.experiments.volumes.sentences"),
        ("basin_ratio", "lossbasins.experiments.basin_ratio.sentences"),
        ("measures", "lossbasins.experiments.measures.sentences"),
        ("polish", "lossbasins.experiments.polish.sentences"),
    ]
    tables = ("volume_points", "volume", "basin_ratio", "measures", "polish")
    assert jobs.told_tables() == [f"results/digits/tables/{name}.csv" for name in tables]


def test_the_kicks_of_each_run_at_each_point_have_seeds_of_their_own():
    configuration = default()
    configuration["polish"]["lower"] = {"target": {"loss": 0.0001}, "limit": 9}
    jobs = jobs_of(configuration)
    runs = [{}, {"attack": "none"}, {"optimizer": "adam"}, {"point": "lower"}]
    specs = [jobs.spec("kick", SimpleNamespace(**vars(RUN) | run)) for run in runs]
    assert len({spec.seed for spec in specs}) == len(runs)
    assert [spec.descent.target.loss for spec in specs] == [0.0005, 0.0005, 0.0005, 0.0001]


def test_random_labels_are_part_of_the_run_that_learns_them_and_of_no_other(jobs):
    four, one = (SimpleNamespace(**vars(RUN) | {"attack": f"random-r{copies}"}) for copies in (4, 1))
    spec, fewer = (jobs.spec("memorise", run) for run in (four, one))
    assert (spec.random_labels.copies, spec.optimizer) == (4, jobs.spec("train", RUN).optimizer)
    assert fewer.label_seed != spec.label_seed
    assert not set(fewer.seeds) & set(spec.seeds)
    assert jobs.spec("evaluate", four).attack is None
