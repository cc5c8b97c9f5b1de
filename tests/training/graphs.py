"""CUDA graphs without CUDA: operations are recorded while a graph is captured, and done again at each replay."""

import contextlib
from collections.abc import Iterator
from unittest import mock

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Graph:
    """What was recorded."""

    def __init__(self):
        self.calls = []
        self.replays = 0

    @torch.no_grad()
    def replay(self):
        self.replays += 1
        for function, arguments, keywords, outputs in self.calls:
            again = tensors(function(*arguments, **keywords))
            own = {values.untyped_storage().data_ptr() for values in tensors((arguments, keywords))}
            for output, values in zip(outputs, again, strict=True):
                if values.untyped_storage().data_ptr() not in own:  # else a view, or done in place
                    output.copy_(values)


class Recorder(TorchDispatchMode):
    """Records what is done, and undoes it: a capture computes nothing."""

    def __init__(self, graph):
        super().__init__()
        self.graph = graph

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        keywords = kwargs or {}
        before = [(values, values.clone()) for values in tensors((args, keywords))]
        result = function(*args, **keywords)
        for values, saved in before:
            if not torch.allclose(values, saved, rtol=0, atol=0, equal_nan=True):
                values.copy_(saved)
        self.graph.calls.append((function, args, keywords, tensors(result)))
        return result


class Stream:
    def wait_stream(self, _):
        pass


@contextlib.contextmanager
def pretend_graphs() -> Iterator[list[Graph]]:
    """Lets graphs be captured on a CPU; gives the list of those that are."""
    graphs = []

    def new():
        graphs.append(Graph())
        return graphs[-1]

    answers = {
        "CUDAGraph": new,
        "graph": Recorder,
        "Stream": Stream,
        "current_stream": Stream,
        "stream": lambda _: contextlib.nullcontext(),
    }
    with contextlib.ExitStack() as stack:
        for name, answer in answers.items():
            stack.enter_context(mock.patch.object(torch.cuda, name, answer))
        yield graphs


def tensors(tree):
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)]
