"""What a configuration names: models, initialisations, optimizers and attacks, as the stages take them."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator
from pydantic_core import PydanticCustomError

from lossbasins.specs.base import Spec
from lossbasins.specs.modules import ARCHITECTURE, METHOD, SOURCE, module_name, one_of, options_of

FULL_BATCH_METHODS = frozenset({"lbfgs"})
"""Methods that compare gradients of different steps, and look at all parameters at once."""


class ModelSpec(Spec):
    """An architecture with its options."""

    architecture: Annotated[str, one_of(ARCHITECTURE)]
    """Name of a file in `lossbasins/models`."""
    options: Annotated[dict[str, Any], options_of(ARCHITECTURE, "architecture")] = Field({}, validate_default=True)
    """Keyword arguments of its `build`."""

    def modules(self) -> frozenset[str]:
        """Also its own."""
        return super().modules() | {module_name(ARCHITECTURE, self.architecture)}


class SourceSpec(Spec):
    """A source of raw images with its options."""

    source: Annotated[str, one_of(SOURCE)]
    """Name of a file in `lossbasins/data/sources`."""
    options: Annotated[dict[str, Any], options_of(SOURCE, "source")] = Field({}, validate_default=True)
    """Keyword arguments of its `load`."""

    def modules(self) -> frozenset[str]:
        """Also its own."""
        return super().modules() | {module_name(SOURCE, self.source)}


class InitSpec(Spec):
    """How the weights of linear and convolutional layers are drawn; their biases start at zero."""

    distribution: Literal["normal", "uniform", "model"] = "normal"
    """The first two have mean zero and the same variance; `model` leaves all parameters as the architecture itself
    draws them, as each of these leaves those of other layers."""
    fan: Literal["in", "out", "average"] = "in"
    """The number of connections that the variance is divided by."""
    gain: PositiveFloat = 2.0
    """The variance is gain / fan: 2 for He et al., 1 for LeCun, and with the average fan for Glorot."""

    @model_validator(mode="after")
    def _check_variance(self) -> Self:
        defaults = [type(self).model_fields[name].default for name in ("fan", "gain")]
        if self.distribution == "model" and [self.fan, self.gain] != defaults:
            raise PydanticCustomError("no_variance", "distribution model has no fan and no gain; leave both out")
        return self


class StepSchedule(Spec):
    """A learning rate that falls in steps."""

    after: tuple[PositiveInt, ...] = Field(min_length=1)
    """Epochs after each of which it is multiplied."""
    factor: PositiveFloat
    """By what."""


class OptimizerSpec(Spec):
    """A method with its learning rate, batch, schedule and stop."""

    method: Annotated[str, one_of(METHOD)]
    """Name of a file in `lossbasins/training/optimizers`."""
    options: Annotated[dict[str, Any], options_of(METHOD, "method")] = Field({}, validate_default=True)
    """Keyword arguments of its `build`."""
    learning_rate: PositiveFloat
    """At the start."""
    batch: PositiveInt | Literal["full"] = 64
    """Images per step, of the training set and as many of the attack set; `full` takes all of both."""
    schedule: Literal["constant", "cosine"] | StepSchedule = "constant"
    """How the learning rate falls: not at all, down to zero over `epochs`, or in steps."""
    mixed_precision: bool = False
    """Whether products are taken in bfloat16; parameters stay in float32."""
    epochs: PositiveInt
    """Limit, in passes over the training set."""
    target_loss: NonNegativeFloat = 0.0
    """Training stops once every training image is classified right and the mean training loss is at most this."""
    patience: PositiveInt = 1
    """Consecutive epochs for which that must hold."""
    stuck: PositiveInt | None = None
    """Training also stops after this many epochs in which L_S + gamma L_A has not fallen; null never gives up."""

    @model_validator(mode="after")
    def _check_batch(self) -> Self:
        if self.method in FULL_BATCH_METHODS and self.batch != "full":
            raise PydanticCustomError("full_batch_only", "method {method} needs batch: full", {"method": self.method})
        return self

    def modules(self) -> frozenset[str]:
        """Also its own."""
        return super().modules() | {module_name(METHOD, self.method)}


class AttackSpec(Spec):
    """The attack term gamma L_A of the objective (section 5.1)."""

    weight: PositiveFloat
    """gamma."""
    size: PositiveInt
    """Number of wrongly labelled images: the first of the attack set."""

    @property
    def name(self) -> str:
        """As in paths: such as `w0.1-n400`."""
        return f"w{repr(self.weight).removesuffix('.0')}-n{self.size}"


Precision = Literal["float32", "float64"]
