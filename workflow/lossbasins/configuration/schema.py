"""The keys of a configuration, as typed models made from what is found by name."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, create_model, model_validator

from lossbasins import catalogue
from lossbasins.configuration.described import Described
from lossbasins.experiments.experiment import Experiment
from lossbasins.experiments.named import DatasetSpec, Entries, Name
from lossbasins.specs.base import Spec
from lossbasins.specs.claims import ClaimsChoices, Rule
from lossbasins.specs.entries import InitSpec, ModelSpec, OptimizerSpec, Precision
from lossbasins.specs.evaluate import EvaluationChoices
from lossbasins.specs.measure import MeasureSpec, check_needs
from lossbasins.specs.modules import ARCHITECTURE, MEASURE, METHOD, SOURCE, choices, options_model
from lossbasins.specs.polish import PolishChoices


class Experiments(Spec):
    """What the study shows; runs that several experiments name are shared. What is left out, or null, is not made."""

    def named(self) -> Iterator[tuple[str, str, Experiment]]:
        """Of each that is configured its key, the name of its entry (else that of the key), and what is chosen."""
        for key in type(self).model_fields:
            chosen = getattr(self, key)
            if isinstance(chosen, Experiment):
                yield key, key, chosen
            elif chosen is not None:
                yield from ((key, name, entry) for name, entry in chosen.items() if entry is not None)


class Claims(ClaimsChoices):
    """How the claims are judged."""

    rules: Mapping[str, Rule]
    """By claim; one without a rule is not judged."""


MOST_REPLICAS = 10_000
"""Of one run, in one file; the plan of a study names each."""


class Configuration(Entries):
    """A whole study."""

    study: Name
    """Name of the study; its results lie in `results/<study>`."""
    own: str | None = None
    """Folder of one's own experiments, measures, models, sources and optimizers, below the working folder."""
    only: bool = False
    """In an overlay: leaves out the data sets and experiments that overlays do not name."""
    seed: NonNegativeInt
    """All random numbers of the study derive from it."""
    replicas: Annotated[PositiveInt, Field(le=MOST_REPLICAS)]
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
    evaluation: EvaluationChoices = EvaluationChoices()
    """Of the losses, accuracies and norms of all solutions."""
    curvature: Spec
    """The options of each measure."""
    experiments: Experiments
    """What is shown."""
    claims: Claims
    """How the claims are judged by it."""

    def measure(self, name: str) -> MeasureSpec:
        """A measure with its options and its precision."""
        options = getattr(self.curvature, name).model_dump()
        precision = options.pop("precision")
        return MeasureSpec(name=self.found(name).module, options=options, precision=precision)

    def found(self, measure: str) -> catalogue.Measure:
        """What the file of a measure says of it."""
        return catalogue.measures(dotted(self.own))[measure]


def dotted(own: str | None) -> str | None:
    """The folder of one's own, as Python names it."""
    return own.replace("/", ".") if own else None


@cache
def configuration_model(own: str | None = None) -> type[Configuration]:
    """The model of a configuration, with the experiments and measures that there are.

    Args:
        own: dotted name of a folder of one's own, which adds its experiments and measures.
    """
    experiments = catalogue.experiments(own)
    claims = tuple(claim.name for experiment in experiments.values() for claim in experiment.claims)
    rules = dict[Literal[claims], Rule]  # type: ignore[valid-type]
    measures = {name: (_options(found), Field(_options(found)())) for name, found in catalogue.measures(own).items()}
    curvature: type[Spec] = create_model("Curvature", __base__=Spec, __doc__="Of the training loss.", **measures)  # type: ignore[call-overload]
    return create_model(
        "Configuration",
        __base__=Configuration,
        __doc__=Configuration.__doc__,
        curvature=(curvature, Field(curvature(), description="The options of each measure.")),
        experiments=(_experiments(experiments), Field(description="What is shown.")),
        claims=(
            create_model("Claims", __base__=Claims, __doc__=Claims.__doc__, rules=(rules, Field(description=RULES))),
            Field(description="How the claims are judged by it."),
        ),
    )


RULES = "By claim; one without a rule is not judged."


def json_schema() -> dict[str, Any]:
    """The JSON schema of a configuration, for editors; overlays need only name what differs."""
    schema = configuration_model().model_json_schema(schema_generator=Described)
    for kind, entry, key in ((ARCHITECTURE, "ModelSpec", "architecture"), (METHOD, "OptimizerSpec", "method")):
        schema["$defs"][entry]["properties"][key]["enum"] = list(choices(kind))
    schema["$defs"]["DatasetSpec"]["properties"]["source"]["enum"] = list(choices(SOURCE))
    return schema


def _experiments(found: Mapping[str, type[Experiment]]) -> type[Experiments]:
    fields: dict[str, Any] = {}
    for name, experiment in found.items():
        several = dict[experiment.entry_name, experiment | None]  # type: ignore[valid-type, name-defined]
        kind = several if experiment.entry else experiment
        fields[name] = (kind | None, Field(None, description=_first_line(experiment)))
    return create_model("Experiments", __base__=Experiments, __doc__=Experiments.__doc__, **fields)


def _options(found: catalogue.Measure) -> type[Spec]:
    """What a configuration says of a measure: the options of its file, and the precision."""

    def check(chosen: Spec) -> Spec:
        check_needs(found.module, chosen.model_dump())
        return chosen

    options = options_model(MEASURE, found.module).model_fields
    fields: dict[str, Any] = {name: (field.annotation, field) for name, field in options.items()}
    fields["precision"] = (Precision, Field(found.precision, description="Arithmetic."))
    validators: dict[str, Any] = {"needs": model_validator(mode="after")(check)}
    return create_model(f"{found.name}_options", __base__=Spec, __validators__=validators, **fields)


def _first_line(experiment: type[Experiment]) -> str:
    return str(experiment.__doc__).partition("\n")[0]
