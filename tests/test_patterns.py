import re

import pytest

from lossbasins.patterns import LEARNT_AT_ONCE, RANDOM_FIRST, any_of, array_measures, heavy_measures, wildcard_patterns
from lossbasins.study import Study
from tests.configurations import default


@pytest.fixture(scope="module")
def study():
    return Study.from_mapping(default())


@pytest.mark.parametrize(
    ("names", "text", "matches"),
    [(["a.b", "c"], "a.b", True), (["a.b", "c"], "axb", False), ([], "", False), ([], "a", False)],
)
def test_one_of_the_names_and_nothing_else(names, text, matches):
    assert bool(re.fullmatch(any_of(names), text)) is matches


def test_each_measure_has_one_kind_of_job(study):
    kinds = (heavy_measures(study), array_measures(study))
    found = {name: [bool(re.fullmatch(kind, name)) for kind in kinds] for name in study.measures}
    assert found["frobenius"] == [True, False]
    assert found["spectrum"] == [False, True]
    assert all(any(kind) is not study.measures[name].cheap and not all(kind) for name, kind in found.items())


@pytest.mark.parametrize(
    ("attack", "at_once", "first"),
    [("none", True, False), ("w0.3-n100", True, False), ("random-r4", False, True), ("w0.3", False, False)],
)
def test_an_attack_is_learnt_in_one_of_two_ways(study, attack, at_once, first):
    assert bool(re.fullmatch(LEARNT_AT_ONCE, attack)) is at_once
    assert bool(re.fullmatch(RANDOM_FIRST, attack)) is first
    assert bool(re.fullmatch(wildcard_patterns(study)["attack"], attack)) is (at_once or first)
