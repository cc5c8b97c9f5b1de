"""Whether the second derivatives that torch computes are symmetric, as second derivatives are."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.autograd.graph import Node

from lossbasins.curvature.autodiff import Graph
from lossbasins.curvature.derivatives import DifferentiationError
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.symmetric import TILE

TOLERANCE = {torch.float32: 1e-3, torch.float64: 1e-9}
"""Largest asymmetry over the size of a matrix or product: well over rounding, well under a wrong derivative."""

ROUNDING = 100
"""Roundings of the loss that no asymmetry is told from, for matrices that vanish."""

ONCE = "torch::autograd::Error"
"""Node behind a function that is `once_differentiable`: not connected, so torch leaves its derivative out unasked."""

SAMPLES = 8
"""Samples that products are looked at on."""


class AsymmetryError(ArithmeticError):
    """Torch's second derivative of the model is wrong, or drowns in rounding."""


def check_symmetry(objective: Objective) -> None:
    """Compare u . H v with v . H u for two random vectors on a few samples, once for each objective.

    Raises:
        AsymmetryError: they differ beyond rounding; the message names parameters and operation.
        DifferentiationError: torch would leave a second derivative out.
    """
    if objective.is_symmetric:
        return
    inputs, targets = objective.some(SAMPLES)
    graph = Graph(objective, inputs, targets, objective.parameters)
    if any(node.name() == ONCE for node in _nodes(graph.root)):
        raise DifferentiationError("torch has no second derivative of this model: a function is once_differentiable")
    generator = torch.Generator().manual_seed(0)
    first, second = torch.randn(2, objective.size, generator=generator, dtype=torch.float64).to(graph.gradient)
    images = torch.cat([graph.hessian_product(vector[None]) for vector in (first, second)])
    size, difference = float(images.norm()), float((first @ images[1] - second @ images[0]).abs())
    if not difference <= _allowed(objective, size):
        blocks = _contracted(objective, graph, first, second)
        raise _error(objective, (blocks - _contracted(objective, graph, second, first).T).abs(), difference / size)
    objective.is_symmetric = True


def symmetrised(matrix: Tensor, objective: Objective) -> Tensor:
    """The mean of a matrix (P, P) by automatic differentiation and its transpose, once they are found to agree.

    Raises:
        AsymmetryError: they differ beyond rounding; the message names parameters and operation.
    """
    size = float(matrix.norm())
    tiles = [slice(start, start + TILE) for start in range(0, len(matrix), TILE)]
    difference = math.sqrt(sum(float((matrix[tile] - matrix[:, tile].T).square().sum()) for tile in tiles))
    if not difference <= _allowed(objective, size):
        lengths = [shape.numel() for shape in objective.shapes]
        rows = torch.split(matrix - matrix.T, lengths)
        blocks = torch.stack(
            [torch.stack([block.norm() for block in torch.split(row, lengths, dim=1)]) for row in rows]
        )
        raise _error(objective, blocks, difference / size)
    objective.is_symmetric = True
    return (matrix + matrix.T) / 2


def _allowed(objective: Objective, size: float) -> float:
    """Of a matrix or of a product with a random vector, of the given norm."""
    rounding = ROUNDING * torch.finfo(objective.dtype).eps * math.sqrt(objective.size) * abs(objective.value)
    return TOLERANCE[objective.dtype] * size + rounding


def _contracted(objective: Objective, graph: Graph, left: Tensor, right: Tensor) -> Tensor:
    """Left . H right, for each pair of the model's parameters."""
    columns = []
    for number in range(len(objective.names)):
        masked = [part if i == number else torch.zeros_like(part) for i, part in enumerate(objective.split(right))]
        image = graph.hessian_product(torch.cat([part.reshape(-1) for part in masked])[None])[0]
        columns.append([(a * b).sum() for a, b in zip(objective.split(left), objective.split(image), strict=True)])
    return torch.tensor(columns, dtype=torch.float64).T


def _error(objective: Objective, blocks: Tensor, share: float) -> AsymmetryError:
    """What is wrong, from the asymmetry of each pair of parameters."""
    if objective.dtype == torch.float32:
        try:
            check_symmetry(objective.to(torch.float64))
        except AsymmetryError:
            pass
        else:
            return AsymmetryError(
                f"second derivatives in float32 are not symmetric by {share:.2g} of their size, those in float64 are: "
                "this is rounding, use objective.to(torch.float64)"
            )
    if not bool(blocks.isfinite().all()):
        return AsymmetryError("the second derivative of this model is not finite, though its loss is: change the layer")
    row, column = divmod(int(blocks.argmax()), len(blocks))
    pair = " and ".join(dict.fromkeys(objective.names[index] for index in (row, column)))
    operations = ", ".join(dict.fromkeys([*_operations_on(objective, row), *_operations_on(objective, column)]))
    return AsymmetryError(
        f"torch's second derivative of this model is wrong: not symmetric by {share:.2g} of its size, most in {pair}, "
        f"which enter by {operations}: write that layer in elementary operations"
    )


def _operations_on(objective: Objective, number: int) -> Iterator[str]:
    """Names of the differentiated operations that take a parameter, counted by `number`."""
    inputs, _ = objective.some(SAMPLES)
    pieces = [piece.clone().requires_grad_() for piece in objective.split(objective.parameters)]
    with torch.enable_grad():
        outputs = objective.outputs_at(pieces, inputs)
    for node in _nodes(outputs.grad_fn):
        if any(getattr(source, "variable", None) is pieces[number] for source, _ in node.next_functions):
            yield node.name()


def _nodes(root: Node | None) -> Iterator[Node]:
    """Of an autograd graph, each once."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            yield node
            waiting += [source for source, _ in node.next_functions]
