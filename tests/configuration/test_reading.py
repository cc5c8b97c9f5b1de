import pytest
import yaml
from snakemake.utils import update_config

from lossbasins.configuration.reading import ConfigurationError, read_configuration
from tests.configurations import BAD, ROOT, changed, default


def test_the_default_configuration_is_valid():
    assert read_configuration(default()).study == "digits"


@pytest.mark.parametrize(("key", "value", "path", "allowed"), BAD)
def test_a_wrong_value_is_one_line_with_its_path_and_what_is_allowed(key, value, path, allowed):
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(changed(key, value))
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{path}: ")
    assert allowed in line
    assert len(line) < 250


def test_every_wrong_key_gets_its_line():
    configuration = changed("replicas", 0) | {"seed": "x"}
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(configuration)
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["seed", "replicas"]


@pytest.mark.parametrize("overlay", sorted((ROOT / "studies").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_overlay_is_valid(overlay):
    configuration = default()
    update_config(configuration, yaml.safe_load(overlay.read_text()))
    assert read_configuration(configuration).study == overlay.stem
