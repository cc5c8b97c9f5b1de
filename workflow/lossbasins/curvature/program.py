"""A model as a program: functions of earlier values and of parameters, one after another, as torch.fx traces them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from torch import Tensor

from lossbasins.curvature.steps import Step
from lossbasins.curvature.written import Linear, Scaling

Value: TypeAlias = Any
"""A tensor, a number, a shape, or several of these."""

Function = Callable[..., Value]

Kind = Callable[[Function, Sequence[Tensor]], Step]
"""From a function of operands, and these, to the function there with its derivatives."""


@dataclass(frozen=True)
class Place:
    """Where a value stands: of the input, a parameter, or an instruction's result."""

    number: int


@dataclass(frozen=True)
class Instruction:
    """One function call.

    Attributes:
        function: out of place.
        arguments: positional ones, in which a `Place` stands for a value.
        settings: keyword arguments, likewise.
        kind: how it is differentiated, or None where its result is no function of parameters.
    """

    function: Function
    arguments: tuple[Value, ...]
    settings: Mapping[str, Value]
    kind: Kind | None

    @cached_property
    def places(self) -> list[Place]:
        """All that stand in the arguments, each once."""
        found: dict[Place, None] = {}
        _mapped((self.arguments, dict(self.settings)), lambda place: found.setdefault(place))
        return list(found)

    def call(self, values: Mapping[Place, Value]) -> Value:
        """The result."""
        arguments, settings = _mapped((self.arguments, dict(self.settings)), values.__getitem__)
        return self.function(*arguments, **settings)


@dataclass(frozen=True)
class Program:
    """Instructions in order of execution.

    Place 0 is the input's, place i + 1 that of parameter i of the model, the chosen ones first.

    Attributes:
        chosen: how many parameters are chosen; nothing is differentiated in the others.
        parameters: how many the model has.
        instructions: what is called, by the place of its result.
        output: the place of the outputs.
    """

    chosen: int
    parameters: int
    instructions: Mapping[Place, Instruction]
    output: Place

    def run(self, inputs: Tensor, parameters: Sequence[Tensor]) -> tuple[Tensor, dict[Place, Step]]:
        """Outputs, and the differentiable steps on the way, by their place."""
        values: dict[Place, Value] = {Place(0): inputs}
        values |= {Place(number): parameter for number, parameter in enumerate(parameters, start=1)}
        steps: dict[Place, Step] = {}
        for place, instruction in self.instructions.items():
            if instruction.kind is None:
                values[place] = instruction.call(values)
            else:
                steps[place] = _step(instruction, instruction.kind, values, self.operands[place])
                values[place] = steps[place].value
        return values[self.output], steps

    @cached_property
    def upstream(self) -> dict[Place, int]:
        """Chosen parameters that a place depends on, as bits in the order in which they first enter."""
        found = {Place(number): 0 for number in range(self.parameters + 1)}
        entered = 0
        for place, instruction in self.instructions.items():
            found[place] = 0
            if instruction.kind is None:
                continue
            for source in instruction.places:
                if 1 <= source.number <= self.chosen and not found[source]:
                    found[source] = 1 << entered
                    entered += 1
                found[place] |= found[source]
        return found

    @property
    def entering(self) -> list[Place]:
        """Places of the chosen parameters that the outputs may depend on, in the order in which they first enter."""
        places = [Place(number) for number in range(1, self.chosen + 1) if self.upstream[Place(number)]]
        return sorted(places, key=lambda place: self.upstream[place])

    @cached_property
    def operands(self) -> dict[Place, list[Place]]:
        """Of each differentiable result, the places that a step takes: all for layers, else those that may move."""
        return {
            place: [p for p in instruction.places if self.upstream[p] or instruction.kind in (Linear, Scaling)]
            for place, instruction in self.instructions.items()
            if instruction.kind is not None
        }


def _step(instruction: Instruction, kind: Kind, values: Mapping[Place, Value], operands: Sequence[Place]) -> Step:
    """An instruction as a differentiable function of some places."""
    return kind(
        lambda *moved: instruction.call({**values, **dict(zip(operands, moved, strict=True))}),
        [values[place] for place in operands],
    )


def _mapped(arguments: Value, function: Callable[[Place], Value]) -> Value:
    """Nested arguments with every place replaced."""
    if isinstance(arguments, Place):
        return function(arguments)
    if isinstance(arguments, tuple | list):
        return type(arguments)(_mapped(argument, function) for argument in arguments)
    if isinstance(arguments, dict):
        return {name: _mapped(argument, function) for name, argument in arguments.items()}
    if isinstance(arguments, slice):
        return slice(*(_mapped(part, function) for part in (arguments.start, arguments.stop, arguments.step)))
    return arguments
