import json

from lossbasins.configuration.schema import json_schema
from tests.configurations import ROOT


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
