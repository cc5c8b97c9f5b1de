import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lossbasins.configuration import ConfigurationError, json_schema, parse_attack, read_configuration
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


def test_solutions_of_several_landscapes_are_not_compared():
    configuration = changed("models.wide", {"architecture": "mlenet", "options": {"widths": [12, 30]}})
    configuration["experiments"]["volumes"]["volume"]["runs"][0]["model"] = ["mlenet", "wide"]
    with pytest.raises(
        ConfigurationError, match=r"^experiments\.\w+\.runs: given digits/mlenet, digits/wide; allowed: one"
    ):
        read_configuration(configuration)


def test_every_wrong_key_gets_its_line():
    configuration = changed("replicas", 0) | {"seed": "x"}
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(configuration)
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == ["seed", "replicas"]


def test_the_schema_in_the_repository_is_the_one_of_the_models():
    written = json.loads((ROOT / "workflow/schemas/config.schema.json").read_text())
    assert written == json_schema(), "run `make schema`"


def test_every_key_is_in_the_default_configuration_with_a_comment():
    commented = {
        line.partition(":")[0].strip(" -#")
        for line in (ROOT / "config.yaml").read_text().splitlines()
        if ":" in line and " # " in line.partition(":")[2]
    }
    schema = json_schema()
    keys = {key for model in [schema, *schema["$defs"].values()] for key in model.get("properties", {})}
    assert keys - commented == set()


@pytest.mark.parametrize("overlay", sorted((ROOT / "studies").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_overlay_is_valid(overlay):
    merged = _merged(default(), yaml.safe_load(overlay.read_text()))
    assert read_configuration(merged).study == overlay.stem


@given(weight=st.floats(1e-6, 1e6), size=st.integers(1, 10**6))
def test_an_attack_is_read_back_from_its_name(weight, size):
    name = f"w{weight:.3f}-n{size}" if weight >= 1e-3 else f"w{weight:.0e}-n{size}"
    attack = parse_attack(name)
    assert parse_attack(attack.name) == attack


def _merged(base, overlay):
    mappings = [key for key, value in overlay.items() if isinstance(value, dict) and isinstance(base.get(key), dict)]
    return base | overlay | {key: _merged(base[key], overlay[key]) for key in mappings}
