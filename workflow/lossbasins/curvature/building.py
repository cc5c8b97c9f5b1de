"""Builds programs, one call after another."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, nn

from lossbasins.curvature.program import Function, Instruction, Kind, Place, Program, Value
from lossbasins.curvature.steps import Step


class Builder:
    """Turns traced nodes into instructions, running each on some samples to see what it gives.

    Args:
        parameters: of the model, the chosen ones first.
        chosen: how many these are.
        inputs: of the samples.
    """

    def __init__(self, parameters: Sequence[nn.Parameter], chosen: int, inputs: Tensor) -> None:
        self._chosen = chosen
        self._positions = {id(parameter): Place(i) for i, parameter in enumerate(parameters, start=1)}
        self._instructions: dict[Place, Instruction] = {}
        self._values: dict[Place, Value] = {Place(0): inputs}
        self._values |= {Place(i): parameter.detach() for i, parameter in enumerate(parameters, start=1)}
        self._moving = {place: 0 < place.number <= chosen for place in self._values}

    def call(self, function: Function, *arguments: Value, kind: Kind = Step, **settings: Value) -> Value:
        """The place of a function's result; where it gives several, their places."""
        instruction = Instruction(function, arguments, settings, kind)
        value = instruction.call(self._values)
        moving = any(self._moving[place] for place in instruction.places)
        if isinstance(value, tuple | list) and (moving or any(isinstance(part, Tensor) for part in value)):
            return tuple(
                self.call(partial(_selected, function, i), *arguments, kind=kind, **settings) for i in range(len(value))
            )
        moving = moving and isinstance(value, Tensor) and value.is_floating_point()
        place = Place(len(self._values))
        self._values[place], self._moving[place] = value, moving
        self._instructions[place] = instruction if moving else replace(instruction, kind=None)
        return place

    def given(self, tensor: Value) -> Value:
        """The place of a parameter; anything else as it is."""
        return self._positions.get(id(tensor), tensor)

    def shape(self, place: Place) -> torch.Size:
        """Of a value, for some samples."""
        size: torch.Size = self._values[place].shape
        return size

    def is_moving(self, argument: Value) -> bool:
        """Whether an argument is the place of a value that depends on parameters."""
        return isinstance(argument, Place) and self._moving[argument]

    def program(self, output: Place) -> tuple[Program, Tensor]:
        """All that the output needs, and the outputs for the samples."""
        needed: dict[Place, Instruction] = {}
        wanted = {output}
        for place, instruction in reversed(self._instructions.items()):
            if place in wanted:
                needed[place] = instruction
                wanted |= set(instruction.places)
        return Program(self._chosen, len(self._positions), dict(reversed(needed.items())), output), self._values[output]


def _selected(function: Function, index: int, *arguments: Value, **settings: Value) -> Value:
    return function(*arguments, **settings)[index]
