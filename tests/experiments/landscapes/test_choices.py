import pytest

from lossbasins.configuration.reading import ConfigurationError
from lossbasins.study import Study
from tests.configurations import default

PANELS = [
    {"title": "MNIST, mLeNet", "table": "results/published/mnist-300/tables/volume"},
    {"title": "SVHN, mLeNet", "table": "results/published/svhn/tables/volume"},
]


def study(**landscapes):
    configuration = default()
    configuration["experiments"]["landscapes"] = {"panels": PANELS} | landscapes
    return Study.from_mapping(configuration)


def test_it_reads_the_tables_of_other_studies():
    job = study().job("landscapes_figure", None)
    assert job.inputs["points"][1] == "results/published/svhn/tables/volume_points.csv"
    assert job.inputs["tables"][0] == "results/published/mnist-300/tables/volume.csv"
    assert job.spec.titles == ("MNIST, mLeNet", "SVHN, mLeNet")
    assert job.spec.protocols == ("raw", "matched")
    assert "results/digits/figures/landscapes.pdf" in study().targets()


def test_it_reads_tables_of_its_own_study_by_name():
    job = study(panels=[{"title": "digits", "table": "volume"}]).job("landscapes_figure", None)
    assert job.inputs == {
        "points": ["results/digits/tables/volume_points.csv"],
        "tables": ["results/digits/tables/volume.csv"],
    }


@pytest.mark.parametrize(
    "wrong",
    [{"panels": []}, {"protocols": []}, {"protocols": ["polished"]}, {"panels": [{"title": "x", "table": "volum"}]}],
)
def test_what_is_no_choice_is_an_error(wrong):
    with pytest.raises(ConfigurationError, match="landscapes"):
        study(**wrong)
