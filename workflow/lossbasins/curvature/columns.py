"""Exact curvature matrices of any traceable model, by forward over reverse mode for many columns at a time.

A column of the Hessian is the change of the gradient along one parameter. The columns of one parameter tensor are taken
together: its changes are pushed to the outputs, and the changes of all signals are pulled back, as products of large
matrices wherever a layer is linear. Rows are computed only for parameters that enter no earlier than that tensor; the
others follow by symmetry.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from lossbasins.curvature.calling import twice_differentiable_kernels
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.program import Place, Program
from lossbasins.curvature.workspace import workspace

CACHED = 2**26
"""Bytes of the changes of all values for the columns and samples taken at a time at most."""

SAMPLES = 128
"""Samples taken at a time at most, so that there are several columns too; more where more bytes may be used."""


@torch.no_grad()
def columns_matrix(
    objective: Objective, program: Program, *, ggn: bool, residual: bool, memory: int | None = None
) -> Tensor:
    """Generalised Gauss-Newton matrix, residual, or their sum, of shape (P, P).

    Args:
        objective: of the model that the program is.
        program: what the model computes.
        ggn: whether to include the generalised Gauss-Newton matrix.
        residual: whether to include the residual.
        memory: bytes for intermediate values, beside the matrix; at least one sample and one column are taken.
    """
    cached = workspace(objective.device, CACHED) if memory is None else min(CACHED, memory // 4)
    parameters = [*objective.split(objective.parameters), *objective.fixed.values()]
    total = torch.zeros(objective.size, objective.size, dtype=objective.dtype, device=objective.device)
    blocks = torch.split(total, [shape.numel() for shape in objective.shapes])
    with twice_differentiable_kernels(objective.model):
        sample = Sweep(program, objective.some(1)[0], parameters).nbytes
        for inputs, targets in objective.chunks(max(1, min(SAMPLES * max(1, cached // CACHED), cached // sample))):
            sweep = Sweep(program, inputs, parameters)
            signals = None
            if residual:
                gradient = objective.loss.gradient(sweep.outputs, targets, objective.samples)
                signals = sweep.signals(gradient)
            for place in program.entering:
                for columns, directions in sweep.directions(place, cached):
                    changes = sweep.pushed({place: directions})
                    seed = None
                    if ggn and program.output in changes:
                        change = changes[program.output]
                        seed = objective.loss.hessian_product(sweep.outputs, targets, objective.samples, change)
                    for other, rows in sweep.pulled(place, signals, changes, seed).items():
                        offset = objective.offsets[other.number - 1]
                        block = blocks[place.number - 1][columns]
                        block[:, offset : offset + rows[0].numel()] += rows.reshape(len(rows), -1)
    matrix = _mirrored(total, objective, program)
    if ggn:
        matrix.diagonal().add_(objective.weight_decay)
    return matrix


@torch.no_grad()
def columns_product(objective: Objective, program: Program, vector: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
    """What some samples contribute to the Hessian times a vector (P,)."""
    sweep = Sweep(program, inputs, [*objective.split(objective.parameters), *objective.fixed.values()])
    signals = sweep.signals(objective.loss.gradient(sweep.outputs, targets, objective.samples))
    parts = objective.split(vector)
    total = [torch.zeros_like(part) for part in parts]
    changes = sweep.pushed({place: parts[place.number - 1][None] for place in program.entering})
    if program.output in changes:
        change = changes[program.output]
        seed = objective.loss.hessian_product(sweep.outputs, targets, objective.samples, change)
        for place, rows in sweep.pulled(program.entering[0], signals, changes, seed).items():
            total[place.number - 1] = rows[0]
    product = torch.cat([part.reshape(-1) for part in total])
    return product + objective.decay(len(inputs)) * vector


class Sweep:
    """A program at some samples, for changes on their way to the outputs and back.

    Args:
        program: what the model computes.
        inputs: of the samples.
        parameters: all of the model's, the chosen ones first.
    """

    def __init__(self, program: Program, inputs: Tensor, parameters: Sequence[Tensor]) -> None:
        self.program = program
        self.outputs, self.steps = program.run(inputs, parameters)
        self._parameters = parameters

    @property
    def nbytes(self) -> int:
        """Of all values that depend on parameters."""
        return max(1, sum(step.value.nbytes for step in self.steps.values()))

    def signals(self, seed: Tensor) -> dict[Place, Tensor]:
        """Cotangents of all places that depend on parameters, from those of the outputs."""
        found = {self.program.output: seed}
        for place, step in reversed(self.steps.items()):
            if place in found:
                operands = self.program.operands[place]
                wanted = [i for i, operand in enumerate(operands) if self.program.upstream[operand]]
                for i, signal in zip(wanted, step.pull(found[place], wanted), strict=True):
                    _accumulate(found, operands[i], signal)
        return found

    def directions(self, place: Place, memory: int) -> Iterator[tuple[slice, Tensor]]:
        """Which entries of a parameter move, and unit changes (q, ...) of them, as many as fit into some bytes."""
        parameter = self._parameters[place.number - 1]
        moving = [s.value for p, s in self.steps.items() if self.program.upstream[p] & self.program.upstream[place]]
        count = max(1, memory // max(1, sum(value.nbytes for value in moving)))
        for start in range(0, parameter.numel(), count):
            stop = min(start + count, parameter.numel())
            units = parameter.new_zeros(stop - start, parameter.numel())
            units[:, start:stop].fill_diagonal_(1)
            yield slice(start, stop), units.reshape(-1, *parameter.shape)

    def pushed(self, changes: dict[Place, Tensor]) -> dict[Place, Tensor]:
        """Changes (q, ...) of all places that move with the given ones."""
        found = dict(changes)
        for place, step in self.steps.items():
            moved = [found.get(operand) for operand in self.program.operands[place]]
            if any(change is not None for change in moved):
                found[place] = step.push(moved)
        return found

    def pulled(
        self, first: Place, signals: dict[Place, Tensor] | None, changes: dict[Place, Tensor], seed: Tensor | None
    ) -> dict[Place, Tensor]:
        """Changes (q, ...) of the gradient in a parameter and those that enter after it.

        Args:
            first: the parameter.
            signals: cotangents, which change too; None for the Gauss-Newton matrix alone, where they do not.
            changes: of all places that move.
            seed: change of the outputs' cotangents, or None.
        """
        program = self.program
        later = -program.upstream[first]  # all bits from its own on
        found = {} if seed is None else {program.output: seed}
        for place, step in reversed(self.steps.items()):
            operands = program.operands[place]
            wanted = [i for i, operand in enumerate(operands) if program.upstream[operand] & later]
            change, moved = found.pop(place, None), [changes.get(operand) for operand in operands]
            bends = signals is not None and place in signals and any(part is not None for part in moved)
            if not wanted or (change is None and not bends):
                continue
            if signals is not None and bends:
                parts = step.pull_change(signals[place], change, moved, wanted)
            else:
                assert change is not None
                parts = step.pull_all(change, wanted)
            for i, part in zip(wanted, parts, strict=True):
                _accumulate(found, operands[i], part)
        return found


def _accumulate(found: dict[Place, Tensor], place: Place, value: Tensor) -> None:
    found[place] = found[place] + value if place in found else value


def _mirrored(total: Tensor, objective: Objective, program: Program) -> Tensor:
    """The matrix whose blocks of later columns are known, made whole."""
    spans = []
    for place in program.entering:
        start, shape = objective.offsets[place.number - 1], objective.shapes[place.number - 1]
        spans.append(slice(start, start + shape.numel()))
    for number, later in enumerate(spans):
        total[later, later] = (total[later, later] + total[later, later].T) / 2
        for earlier in spans[:number]:
            total[later, earlier] = total[earlier, later].T
    return total
