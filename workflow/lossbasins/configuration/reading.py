"""A configuration, read and checked."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from lossbasins.configuration.complaints import complaints
from lossbasins.configuration.consistency import inconsistencies
from lossbasins.configuration.schema import Configuration


class ConfigurationError(ValueError):
    """A configuration is wrong; the message has one line for each thing to mend."""


def read_configuration(mapping: Mapping[str, Any]) -> Configuration:
    """Checks a configuration.

    Args:
        mapping: as read from YAML.

    Raises:
        ConfigurationError: one line for each wrong key: its full path, what was given and what is allowed.
    """
    mapping = _without_null_volumes(mapping)
    try:
        configuration = Configuration.model_validate_json(json.dumps(mapping, default=str), strict=True)
    except ValidationError as error:
        raise ConfigurationError("\n".join(complaints(error.errors(), mapping, Configuration))) from None
    if problems := inconsistencies(configuration):
        raise ConfigurationError("\n".join(problems))
    return configuration


def _without_null_volumes(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    """Overlays are merged over the default study, so that they need a way to do without its comparisons."""
    experiments = mapping.get("experiments")
    if not isinstance(experiments, Mapping) or not isinstance(experiments.get("volumes"), Mapping):
        return mapping
    volumes = {name: volume for name, volume in experiments["volumes"].items() if volume is not None}
    return {**mapping, "experiments": {**experiments, "volumes": volumes}}
