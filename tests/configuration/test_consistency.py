import pytest

from lossbasins.configuration.reading import ConfigurationError, read_configuration
from tests.configurations import RUN, changed

WIDE = {"architecture": "mlenet", "options": {"widths": [12, 30]}}


def lines(configuration):
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(configuration)
    return str(caught.value).splitlines()


def test_solutions_of_several_landscapes_are_not_compared():
    configuration = changed("models.wide", WIDE)
    configuration["experiments"]["volumes"]["volume"]["runs"][0]["model"] = ["mlenet", "wide"]
    # One list of runs, to which the default configuration gives three names.
    for line, path in zip(lines(configuration), ("spectrum", "volumes.volume", "polish"), strict=True):
        start = f"experiments.{path}.runs: given digits/mlenet, digits/wide; allowed: one dataset and one model"
        assert line.startswith(start)


def test_random_starts_lie_in_the_landscape_of_the_volumes():
    configuration = changed("experiments.basin_ratio.starts", {"runs": [{**RUN, "model": "wide"}], "replicas": 3})
    configuration["models"]["wide"] = WIDE
    (line,) = lines(configuration)
    assert line.startswith("experiments.basin_ratio.starts.runs: given digits/wide; allowed: digits/mlenet, the")


def test_basin_ratios_need_a_random_start():
    configuration = changed("models.wide", WIDE)
    for experiment in (configuration["experiments"]["volumes"]["volume"], configuration["experiments"]["polish"]):
        experiment["runs"] = [{**RUN, "model": "wide", "attack": "w0.1-n100"}]
    (line,) = lines(configuration)
    assert line.startswith("experiments.basin_ratio.volumes: given 'volume'; allowed: one with random starts")


def test_solutions_are_compared_and_kicked_at_one_loss():
    found = lines(changed("polish.matched.target", {"loss": None, "gradient_norm": 0.1}))
    assert sorted(found) == [
        f"experiments.{key}: given 'matched'; allowed: a point with a target loss"
        for key in ("basin_stability.point", "measures.matched", "volumes.volume.matched")
    ]
