"""The keys of a configuration, as typed models."""

from typing import Any, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator
from pydantic_core import PydanticCustomError

from lossbasins.configuration.experiments import Experiments
from lossbasins.configuration.grids import Name
from lossbasins.specs.base import Spec
from lossbasins.specs.claims import ClaimsChoices
from lossbasins.specs.entries import InitSpec, ModelSpec, OptimizerSpec, Precision, SourceSpec
from lossbasins.specs.modules import ARCHITECTURE, METHOD, SOURCE, choices
from lossbasins.specs.polish import PolishChoices
from lossbasins.specs.split import SplitChoices

TRAINED = "trained"
"""The point that training ends at; no entry of `polish` has its name."""


class DatasetSpec(SourceSpec, SplitChoices):
    """Where images come from, and which serve for what."""


class SpectrumChoices(Spec):
    """How the eigenvalues of the Hessian are computed."""

    precision: Precision = "float64"
    """Arithmetic; in float32 small eigenvalues drown in rounding."""


class FrobeniusChoices(Spec):
    """How the Frobenius norm of the Hessian is estimated."""

    method: Literal["finite_difference", "hutchinson", "deflated", "hutch++"] = "deflated"
    """`finite_difference` is the paper's, `deflated` the most exact for its cost."""
    probes: int = Field(default=20, ge=6)
    """Hessian-vector products per solution."""
    precision: Precision = "float32"
    """Arithmetic; finite differences need float64."""

    @model_validator(mode="after")
    def _check_precision(self) -> Self:
        if self.method == "finite_difference" and self.precision != "float64":
            raise PydanticCustomError("imprecise", "method finite_difference needs precision: float64")
        return self


class CurvatureChoices(Spec):
    """How curvature is measured."""

    spectrum: SpectrumChoices = SpectrumChoices()
    """The eigenvalues."""
    frobenius: FrobeniusChoices = FrobeniusChoices()
    """The estimator."""


class Configuration(Spec):
    """A whole study."""

    study: Name
    """Name of the study; its results lie in `results/<study>`."""
    seed: NonNegativeInt
    """All random numbers of the study derive from it."""
    replicas: PositiveInt
    """Solutions per run, which differ in their seeds alone."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """`auto` takes a GPU where there is one."""
    data_dir: str = "data"
    """Folder of the downloads."""
    save_every: PositiveFloat = 30.0
    """Seconds between two saved states of a long job, from which it goes on if it is killed."""
    datasets: dict[Name, DatasetSpec]
    """Images, and which of them train, attack and test."""
    models: dict[Name, ModelSpec]
    """Networks."""
    inits: dict[Name, InitSpec]
    """Initialisations."""
    optimizers: dict[Name, OptimizerSpec]
    """Methods with their learning rate, batch, schedule and stop."""
    polish: dict[Name, PolishChoices] = Field({})
    """Points that solutions are brought to after training, by descending L_S alone."""
    curvature: CurvatureChoices = CurvatureChoices()
    """Of the Hessian."""
    experiments: Experiments
    """What is measured."""
    claims: ClaimsChoices
    """How the paper's claims are judged by it."""


def json_schema() -> dict[str, Any]:
    """The JSON schema of a configuration, for editors; overlays need only name what differs."""
    schema = Configuration.model_json_schema()
    for kind, entry, key in ((ARCHITECTURE, "ModelSpec", "architecture"), (METHOD, "OptimizerSpec", "method")):
        schema["$defs"][entry]["properties"][key]["enum"] = list(choices(kind))
    schema["$defs"]["DatasetSpec"]["properties"]["source"]["enum"] = list(choices(SOURCE))
    return schema
