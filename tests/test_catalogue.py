"""What is found by its name, and that it is what it says."""

import inspect
import re

import pytest

from lossbasins import catalogue
from lossbasins.catalogue import UnknownStageError
from lossbasins.provenance.fingerprint import code_of
from lossbasins.specs.files import Drawing, Images, NoFiles, Table
from lossbasins.specs.modules import load, path_of
from lossbasins.stages.context import Context
from tests.configurations import default

ORDER = ["curve_fitting", "batch_size", "initialization", "two_layer", "spectrum", "volumes", "convex", "basin_ratio"]
ORDER += ["measures", "basin_stability", "bad_minima", "guess_and_check"]
SHOWN = [stage for experiment in catalogue.experiments().values() for stage in experiment.stages]
NAMES = [*catalogue.SHARED, catalogue.CHEAP, *catalogue.measures(), *(stage.name for stage in SHOWN)]
PLANNING = re.compile(
    r"lossbasins\.(study|jobs|catalogue|paths|runner|progress|cli|__main__"
    r"|(configuration|provenance)(\..*)?"
    r"|experiments\.(experiment|named|.*\.choices))"
)
FROM_RESULTS = [stage for stage in SHOWN if not issubclass(stage.inputs, Images | NoFiles) and not stage.in_parts]
TOY = """
from lossbasins.experiments.experiment import Experiment, table_stage
from lossbasins.specs.base import Spec
from lossbasins.specs.files import NoFiles


class Toy(Experiment):
    number = "E20"
    stages = (table_stage(__package__, "toy", Spec, NoFiles),)
"""
MEASURE = """
PRECISION = "float64"
RESOURCES = {"gpu": 1, "runtime": 5}
READS = ("spectrum",)
CHEAP = True

def measure(solution):
    pass
"""


def code(stage):
    return code_of(stage.module, frozenset({stage.about} - {""}))


def test_experiments_come_in_the_order_of_their_numbers_and_those_without_one_last():
    assert list(catalogue.experiments()) == [*ORDER, "density", "landscapes", "polish"]
    numbers = [experiment.number for experiment in catalogue.experiments().values()]
    assert numbers == [*(f"E{number}" for number in range(1, 13)), "", "", ""]


def test_no_two_stages_have_one_name():
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_stage_runs_what_it_says(name):
    stage = catalogue.stage(name)
    assert stage.name == stage.full_name == name
    run = inspect.signature(load(stage.module).run, eval_str=True)
    assert list(run.parameters) == ["spec", "inputs", "outputs", "context"]
    given = [parameter.annotation for parameter in run.parameters.values()]
    assert given == [stage.spec, stage.inputs, stage.outputs, Context]
    assert run.return_annotation is None


@pytest.mark.parametrize("name", NAMES)
def test_no_stage_depends_on_what_plans_and_records_jobs(name):
    modules = code(catalogue.stage(name)).modules
    assert modules
    assert [module for module in modules if PLANNING.fullmatch(module)] == []


@pytest.mark.parametrize("stage", FROM_RESULTS, ids=lambda stage: stage.name)
def test_what_reads_results_alone_has_no_torch_among_its_versions(stage):
    versions = code(stage).versions
    assert "pandas" in versions
    assert "torch" not in versions


def test_most_tables_and_all_figures_read_results_alone():
    assert {stage.name for stage in SHOWN} - {stage.name for stage in FROM_RESULTS} == {
        *("curve_fitting", "two_layer", "convex", "kick", "guess_and_check_count"),
    }
    parts = ["kick", "guess_and_check_count"]
    assert [stage.name for stage in SHOWN if not issubclass(stage.outputs, Drawing | Table)] == parts
    assert [stage.name for stage in SHOWN if stage.in_parts] == parts


@pytest.mark.parametrize("experiment", catalogue.experiments().values(), ids=catalogue.experiments())
def test_every_experiment_has_what_is_found_by_name_beside_its_choices(experiment):
    package = experiment.__module__.removesuffix(".choices")
    assert path_of(experiment.__module__).with_name("rules.smk").is_file()
    for claim in experiment.claims:
        gather = getattr(load(f"{package}.evidence"), claim.name)
        assert len(inspect.signature(gather).parameters) == 2
    if experiment.sentences:
        assert callable(load(f"{package}.sentences").sentences)
    tables = {stage.result for stage in experiment.stages if issubclass(stage.outputs, Table)}
    assert all(stage.module.startswith(f"{package}.") for stage in experiment.stages)
    assert all(path.startswith("results/{study}/tables/") for path in tables)


def test_every_claim_of_the_paper_has_a_rule_in_the_default_study():
    claims = [(found.number, claim.name) for found in catalogue.experiments().values() for claim in found.claims]
    assert set(default()["claims"]["rules"]) == {name for _, name in claims}
    assert len({name for _, name in claims}) == len(claims)
    assert {number for number, _ in claims} == {f"E{number}" for number in range(1, 13)} - {"E11"}


@pytest.mark.parametrize(
    "name",
    [
        *("", "fly", "choices", "experiments.convex.table", "lossbasins.experiments.convex.choices", "nowhere.x.table"),
        *("lossbasins.measures.solution", "mine.experiments.toy.figure", "mine.measures.toys", "stages.train"),
    ],
)
def test_an_unknown_name_is_one_line_that_lists_what_there_is(own, name):
    own("mine.experiments.toy.choices", TOY)
    own("mine.measures.toy", MEASURE)
    with pytest.raises(UnknownStageError) as caught:
        catalogue.stage(name)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"no stage {name!r}; the stages are fetch, split, check, train, ")
    assert set(NAMES) <= set(line.partition(" are ")[2].split(", "))


def test_ones_own_is_found_where_it_lies(own):
    own("mine.experiments.toy.choices", TOY)
    own("mine.measures.toy", MEASURE)
    assert list(catalogue.experiments("mine")) == [*ORDER, "toy", "density", "landscapes", "polish"]
    (table,) = catalogue.experiments("mine")["toy"].stages
    assert (table.name, table.full_name) == ("toy_table", "mine.experiments.toy.table")
    assert catalogue.stage("mine.experiments.toy.table") == table
    toy = catalogue.measures("mine")["toy"]
    assert (toy.module, toy.precision, toy.gpu, toy.runtime) == ("mine.measures.toy", "float64", 1, 5)
    assert (toy.reads, toy.arrays, toy.cheap) == (("spectrum",), (), True)
    stage = catalogue.stage("mine.measures.toy")
    assert stage == catalogue.measure_stage(toy)
    assert (stage.name, stage.full_name, stage.about) == ("toy", "mine.measures.toy", "mine.measures.toy")


def test_measures_say_what_they_give():
    found = catalogue.measures()
    assert found["spectrum"].arrays == ("eigenvalues",)
    assert found["frobenius"].arrays == ()
    assert catalogue.stage("spectrum").module == "lossbasins.stages.measure_arrays"
    assert catalogue.stage("frobenius").module == "lossbasins.stages.measure"
