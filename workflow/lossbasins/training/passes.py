"""One pass over the images of a step: forward, the objective L_S + gamma L_A, and backward."""

from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from lossbasins.training.networks import Networks
from lossbasins.training.objective import Problem

WARM_UPS = 3
"""Passes before one is captured, in which libraries choose their algorithms and take their workspaces."""


class Passed(NamedTuple):
    """What came of a pass; the gradients lie in the parameters."""

    objective: Tensor
    """Sum of the replicas' L_S + gamma L_A over the images of the step: a scalar."""
    losses: Tensor
    """Cross-entropies, shape (R, n)."""
    logits: Tensor
    """Shape (R, n, classes)."""


class Pass(Protocol):
    """How the gradients of a step are computed."""

    def __call__(self, sizes: tuple[int, int], chosen: Tensor) -> Passed:
        """One pass.

        Args:
            sizes: number of training and of attack images.
            chosen: positions in `Problem.images` of each replica, training images first: int64, shape (R, n).
        """


class EagerPass:
    """Operation after operation.

    Args:
        networks: the replicas, in training mode.
        problem: the data.
        mixed_precision: whether products are taken in bfloat16.
    """

    def __init__(self, networks: Networks, problem: Problem, *, mixed_precision: bool) -> None:
        self._networks = networks
        self._images = problem.images
        self._problem = problem
        self._mixed_precision = mixed_precision
        self._weights: dict[tuple[int, int], Tensor] = {}

    def __call__(self, sizes: tuple[int, int], chosen: Tensor) -> Passed:
        """See `Pass`."""
        parameters = self._networks.parameters()
        for parameter in parameters:
            parameter.grad = None
        inputs, labels = self._images.inputs[chosen], self._images.labels[chosen]
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=self._mixed_precision):
            logits = self._networks.logits(inputs)
        logits = logits.to(parameters[0].dtype)
        losses = nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
        losses = losses.view(labels.shape)
        if sizes not in self._weights:
            self._weights[sizes] = self._problem.weights(*sizes, losses)
        objective = (losses @ self._weights[sizes]).sum()
        objective.backward()  # type: ignore[no-untyped-call]
        return Passed(objective.detach(), losses.detach(), logits.detach())


class _Captured(NamedTuple):
    """A graph of a pass, and the tensors that it reads and writes whenever it is replayed."""

    graph: torch.cuda.CUDAGraph
    chosen: Tensor
    passed: Passed
    gradients: list[Tensor | None]


class CapturedPass:
    """All operations of a pass as one CUDA graph, which costs the host a single launch.

    A graph is captured for each size of a step, as the CUDA semantics of torch's documentation have it: after passes on
    a side stream, with gradients that its own pool holds. Parameters must stay where they are in memory, as optimizers
    leave them; after `Networks.keep` a new pass is due.

    Args:
        eager: the pass; on a GPU.
        networks: those of the pass.
    """

    def __init__(self, eager: EagerPass, networks: Networks) -> None:
        self._eager = eager
        self._networks = networks
        self._captured: dict[tuple[int, int], _Captured] = {}

    def __call__(self, sizes: tuple[int, int], chosen: Tensor) -> Passed:
        """See `Pass`."""
        if sizes not in self._captured:
            self._captured[sizes] = self._capture(sizes, chosen)
        captured = self._captured[sizes]
        captured.chosen.copy_(chosen)
        captured.graph.replay()
        for parameter, gradient in zip(self._networks.parameters(), captured.gradients, strict=True):
            parameter.grad = gradient
        return Passed(*(values.clone() for values in captured.passed))

    def _capture(self, sizes: tuple[int, int], chosen: Tensor) -> _Captured:
        chosen = chosen.clone()
        self._warm_up(sizes, chosen)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            passed = self._eager(sizes, chosen)
        return _Captured(graph, chosen, passed, [parameter.grad for parameter in self._networks.parameters()])

    def _warm_up(self, sizes: tuple[int, int], chosen: Tensor) -> None:
        """Passes that leave the networks as they are: batch norm counts the images that it sees."""
        before = {name: values.clone() for name, values in self._networks.state().items()}
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM_UPS):
                self._eager(sizes, chosen)
        torch.cuda.current_stream().wait_stream(stream)
        self._networks.load(before)
