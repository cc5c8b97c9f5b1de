import re

import pytest

from lossbasins import paths
from lossbasins.study import Study
from tests.configurations import changed, default


@pytest.fixture(scope="module")
def study():
    return Study.from_mapping(default())


def test_experiments_share_runs_and_name_each_once(study):
    grids = default()["experiments"]["volumes"]["volume"]["runs"]
    doubled = Study.from_mapping(changed("experiments.volumes.volume.runs", grids + grids))
    assert doubled.runs("volume") == study.runs("volume")


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
