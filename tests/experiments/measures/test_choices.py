import pytest

from lossbasins.configuration.reading import ConfigurationError
from lossbasins.study import Study
from tests.configurations import changed


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("primary", {"measure": "free_enrgy"}),
        ("nulls", ["weight_norm", "free_enrgy"]),
        ("free_energies", ["free_enrgy"]),
        ("beside", ["free_enrgy"]),
        ("left_out", ["free_enrgy"]),
        ("matched_only", ["free_enrgy"]),
    ],
)
def test_a_measure_that_there_is_not_is_one_line(key, given):
    with pytest.raises(ConfigurationError) as caught:
        Study.from_mapping(changed(f"experiments.measures.{key}", given))
    (line,) = str(caught.value).splitlines()
    assert f"{key}: no measure 'free_enrgy'; there are adaptive_sharpness" in line


@pytest.mark.parametrize(
    ("key", "given", "complaint"),
    [
        ("experiments.measures.primary", {"protocol": "mached"}, "should be 'raw', 'interpolated' or 'matched'"),
        ("curvature.thermodynamic_integration", {"prior_scales": []}, "should have at least 1 item"),
        ("curvature.thermodynamic_integration", {"smallest": 1000}, "input should be less than 1"),
        ("curvature.subset_simulation", {"particles": 10}, "input should be greater than or equal to 20"),
        ("curvature.subset_simulation", {"share": 0.01}, "input should be greater than or equal to 0.05"),
    ],
)
def test_what_cannot_be_sampled_or_compared_is_one_line(key, given, complaint):
    with pytest.raises(ConfigurationError) as caught:
        Study.from_mapping(changed(key, given))
    (line,) = str(caught.value).splitlines()
    assert line.startswith(key)
    assert complaint in line


def test_the_margin_alone_is_turned_round():
    assert Study.from_mapping(changed("experiments.measures.below", 0.9)).job("measures_table", None).spec.turned == (
        "margin",
    )


def test_what_is_left_out_is_not_measured():
    without = Study.from_mapping(changed("experiments.measures.left_out", ["pac_bayes"])).cheap_measures
    assert set(Study.from_mapping(changed("experiments.measures.left_out", [])).cheap_measures) - {*without} == {
        "pac_bayes"
    }
