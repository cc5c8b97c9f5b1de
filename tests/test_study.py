import re
from types import SimpleNamespace

import pytest

from lossbasins import paths
from lossbasins.patterns import polished_points, wildcard_patterns
from lossbasins.study import Study
from tests.configurations import RUN, changed, default

NO_WILDCARDS = SimpleNamespace()
VOLUME = SimpleNamespace(comparison="volume")


@pytest.fixture(scope="module")
def study():
    return Study.from_mapping(default())


def without(*experiments):
    """The study without these experiments."""
    configuration = default()
    for experiment in experiments:
        del configuration["experiments"][experiment]
    return Study.from_mapping(configuration)


def evaluations(study, stage):
    return study.job(stage, NO_WILDCARDS).inputs["evaluation"]


def test_experiments_share_runs_and_name_each_once(study):
    grids = default()["experiments"]["volumes"]["volume"]["runs"]
    doubled = Study.from_mapping(changed("experiments.volumes.volume.runs", grids + grids))
    job, same = (one.job("volume_table", VOLUME) for one in (study, doubled))
    assert same == job
    assert len(job.spec.runs) == 5
    assert len(study.all_runs()) == len(set(study.all_runs()))
    assert doubled.all_runs() == study.all_runs()


def test_without_basin_ratio_none_of_its_files_is_asked_for(study):
    fewer = Study.from_mapping(changed("experiments.basin_ratio", None))
    assert set(study.stages) - set(fewer.stages) == {"basin_ratio_table", "starts_table", "basin_ratio_figure"}
    assert not [target for target in fewer.targets() if "basin_ratio" in target or "starts" in target]


def test_batch_sizes_are_compared_among_runs_that_follow_from_the_experiment(study):
    runs = evaluations(study, "batch_size_table")
    kinds = [path.split("/runs/")[1].removesuffix("/trained/evaluation.csv").split("/") for path in runs]
    choices = default()["experiments"]["batch_size"]
    full, mini, attack = (choices[key] for key in ("full", "mini", "attack"))
    for model in choices["model"]:
        compared = [(optimizer, attack) for _, name, _, optimizer, attack in kinds if name == model]
        assert sorted(compared) == sorted([(full, "none"), (mini, "none"), (mini, attack)])
    assert len(runs) == 3 * len(choices["model"])


@pytest.mark.parametrize("experiment", ["batch_size", "initialization"])
def test_without_the_experiment_nothing_of_it_is_made(study, experiment):
    fewer = without(experiment)
    assert set(study.stages) - set(fewer.stages) == {f"{experiment}_table", f"{experiment}_figure"}
    assert not [target for target in fewer.targets() if experiment in target]
    its_own = set(evaluations(study, f"{experiment}_table")) - set(fewer.files(paths.EVALUATION, fewer.all_runs()))
    assert its_own
    assert set(fewer.all_runs()) < set(study.all_runs())


def test_without_polish_there_is_no_point_but_the_trained_one():
    configuration = default()
    del configuration["polish"], configuration["experiments"]["polish"]
    del configuration["experiments"]["basin_stability"], configuration["experiments"]["bad_minima"]
    configuration["experiments"]["volumes"]["volume"]["matched"] = None
    configuration["experiments"]["measures"]["matched"] = None
    configuration["experiments"]["spectrum"]["matched"] = None
    study = Study.from_mapping(configuration)
    assert wildcard_patterns(study)["point"] == "trained"
    assert not re.search(polished_points(study), "")
    assert not [name for name in study.job("volume_table", VOLUME).inputs if name.startswith("matched")]
    assert not [name for name in study.job("basin_ratio_table", NO_WILDCARDS).inputs if name.startswith("matched")]
    assert not [target for target in study.targets() if "polish" in target]


@pytest.mark.parametrize("name", ["curve_fitting", "convex", "two_layer", "guess_and_check"])
def test_an_experiment_that_is_not_configured_is_not_planned(study, name):
    fewer = without(name)
    assert {path for path in study.targets() if path not in fewer.targets()} == {
        *(f"results/digits/tables/{name}.{suffix}" for suffix in ("csv", "md", "tex")),
        *(f"results/digits/figures/{name}.{suffix}" for suffix in ("pdf", "svg", "png")),
    }


@pytest.mark.parametrize("name", ["convex", "two_layer"])
def test_an_experiment_of_its_own_networks_takes_the_split_of_its_data_set(study, name):
    assert study.job(name, NO_WILDCARDS).inputs == {"split": "results/digits/data/digits/split.npz"}
    assert name not in without(name).stages


def test_a_stage_has_a_job_for_each_part_of_its_table_and_is_no_target(study):
    jobs = [study.job("guess_and_check_count", SimpleNamespace(images=images)) for images in ("4", "8", "16")]
    assert [job.spec.images for job in jobs] == [4, 8, 16]
    assert len({job.spec.seed for job in jobs}) == 3
    assert study.job("guess_and_check_table", NO_WILDCARDS).inputs["ways"] == [
        f"results/digits/counts/n{images}/ways.csv" for images in (4, 8, 16)
    ]
    assert wildcard_patterns(study)["images"] == "4|8|16"
    assert not [target for target in study.targets() if "counts" in target]
    assert "images" not in wildcard_patterns(without("guess_and_check"))


def test_each_entry_of_an_experiment_has_its_own_jobs_and_figure():
    configuration = default()
    volumes = configuration["experiments"]["volumes"]
    volumes["volume-adam"] = {"runs": [{**RUN, "optimizer": "adam"}], "spectrum": False}
    study = Study.from_mapping(configuration)
    assert [name for name in study.figures if name.startswith("volume")] == ["volume", "volume-adam"]
    assert wildcard_patterns(study)["comparison"] == r"volume|volume\-adam"
    job = study.job("volume_table", SimpleNamespace(comparison="volume-adam"))
    assert [run.optimizer for run in job.spec.runs] == ["adam"]
    assert set(job.inputs) == {"evaluation", "frobenius"}
    assert set(study.landscapes) == {"volume"}


def test_a_measure_is_a_file_of_each_run_at_its_point(study):
    (run, *_) = study.job("polish_table", NO_WILDCARDS).spec.runs
    folder = "results/digits/runs/digits/mlenet/he/momentum/none"
    assert study.measured("spectrum", [run]) == [f"{folder}/trained/spectrum.npz"]
    assert study.measured("frobenius", [run], "matched") == [f"{folder}/matched/frobenius.csv"]


def test_without_any_experiment_there_are_the_ledger_and_the_summary_alone():
    study = Study.from_mapping(changed("experiments", {}))
    assert (study.all_runs(), study.figures, study.rule_files()) == ((), (), [])
    assert [path.rpartition("/")[2] for path in study.targets()] == [
        *(f"claims.{suffix}" for suffix in ("csv", "md", "tex")),
        "summary.txt",
    ]


def test_a_stage_in_parts_is_no_target_and_its_files_are_those_that_a_table_reads(study):
    assert not [target for target in study.targets() if "kicks" in target]
    inputs = study.job("basin_stability_table", NO_WILDCARDS).inputs
    folder = "results/digits/runs/digits/mlenet/he/momentum"
    assert inputs["kicks"] == [f"{folder}/{attack}/matched/kicks.csv" for attack in ("none", "w1-n100")]
    fewer = without("basin_stability")
    assert set(study.stages) - set(fewer.stages) == {
        *("kick", "basin_stability_table", "basin_stability_compared_table", "basin_stability_figure"),
    }
