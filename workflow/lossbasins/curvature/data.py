"""Samples, in memory or in batches that are read anew for each pass."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from lossbasins.curvature.checks import as_tensor, check_data

Batch = tuple[Tensor, Tensor]
"""Inputs (n, ...) and targets (n, ...)."""

KEPT = 8
"""Samples of a stream that are kept, to look at."""


class Tensors:
    """Samples that are all in memory.

    Args:
        inputs: shape (n, ...), a tensor, array or list.
        targets: shape (n, ...), likewise.
        model: whose inputs they are.
    """

    streamed = False
    alike = True
    """Whether all samples have one shape."""

    def __init__(self, inputs: Any, targets: Any, model: nn.Module) -> None:  # noqa: ANN401 - checked here
        self.inputs, self.targets = as_tensor("inputs", inputs, model), as_tensor("targets", targets, model)
        check_data(model, self.inputs, self.targets)
        self.samples = len(self.inputs)

    def chunks(self, size: int | None) -> Iterator[Batch]:
        """All samples, by `size` at a time, or at once."""
        size = size or self.samples
        for start in range(0, self.samples, size):
            yield self.inputs[start : start + size], self.targets[start : start + size]

    def some(self, count: int) -> Batch:
        """The first samples."""
        return self.inputs[:count], self.targets[:count]

    def to(self, dtype: torch.dtype) -> Batch:
        """In another precision."""
        return _converted((self.inputs, self.targets), dtype)


class Stream:
    """Batches that are read anew for each pass and moved to the model's device one after another.

    They may come in another order each time, and need not be of one size. That each pass has the same samples, to the
    bit, is seen at its end.

    Args:
        batches: an iterable of pairs (inputs, targets), such as a `torch.utils.data.DataLoader`.
        model: whose inputs they are.

    Raises:
        TypeError: what is no iterable of pairs, or ends after one pass.
        ValueError: there is no batch.
    """

    streamed = True

    def __init__(self, batches: Iterable[Any], model: nn.Module) -> None:
        if not isinstance(batches, Iterable):
            raise TypeError(f"without targets, data are a DataLoader or a list of batches, no {type(batches).__name__}")
        if isinstance(batches, Iterator):
            raise TypeError(
                f"the data are a {type(batches).__name__}, which ends after one pass, but several are needed: "
                "give a DataLoader, a list of batches, or an object whose __iter__ begins anew"
            )
        self._batches, self._model = batches, model
        self.samples, self._digest = 0, 0
        kept: list[Batch] = []
        shapes = set()
        for raw in self._read():
            inputs, targets = self._moved(raw)
            check_data(model, inputs, targets)
            self.samples, self._digest = self.samples + len(inputs), self._digest + _digest(raw)
            shapes.add((inputs.shape[1:], targets.shape[1:]))
            if len(shapes) == 1 and sum(len(some) for some, _ in kept) < KEPT:
                kept.append((inputs[:KEPT].clone(), targets[:KEPT].clone()))
        if not kept:
            raise ValueError("no data: there is no batch")
        self._kept = torch.cat([inputs for inputs, _ in kept]), torch.cat([targets for _, targets in kept])
        self.alike = len(shapes) == 1
        """Whether all samples have one shape."""

    def __iter__(self) -> Iterator[Batch]:
        return self.chunks(None)

    def chunks(self, size: int | None) -> Iterator[Batch]:
        """All samples, by `size` at a time at most, or as they come.

        Raises:
            ValueError: at the end of the pass, where the samples were others than in the first one.
        """
        samples, digest = 0, 0
        for raw in self._read():
            samples, digest = samples + len(raw[0]), digest + _digest(raw)
            inputs, targets = self._moved(raw)
            step = size or len(inputs)
            for start in range(0, len(inputs), step):
                yield inputs[start : start + step], targets[start : start + step]
        if samples != self.samples:
            raise ValueError(
                f"the data gave {self.samples} samples in the first pass and {samples} in a later one: "
                "each must give all samples (no drop_last with shuffle, no sampling, no iterator that ends)"
            )
        if digest != self._digest:
            raise ValueError(
                "the data gave other values in a later pass than in the first one, so their loss is no function of the "
                "parameters: switch off random augmentation and sampling with replacement"
            )

    def some(self, count: int) -> Batch:
        """A few samples, of one shape."""
        return self._kept[0][:count], self._kept[1][:count]

    def to(self, dtype: torch.dtype) -> tuple["Converted", None]:
        """In another precision."""
        return Converted(self, dtype), None

    def _read(self) -> Iterator[Batch]:
        for batch in self._batches:
            if not isinstance(batch, tuple | list) or len(batch) != 2:
                what = (
                    f"of {len(batch)} parts" if isinstance(batch, tuple | list) else f"that is a {type(batch).__name__}"
                )
                raise TypeError(f"the data gave a batch {what}: each must be a pair of inputs and targets")
            yield as_tensor("inputs", batch[0], self._model), as_tensor("targets", batch[1], self._model)

    def _moved(self, batch: Batch) -> Batch:
        device = next(self._model.parameters()).device
        return batch[0].to(device), batch[1].to(device)


class Converted:
    """A stream in another precision."""

    def __init__(self, stream: Stream, dtype: torch.dtype) -> None:
        self._stream, self._dtype = stream, dtype

    def __iter__(self) -> Iterator[Batch]:
        return (_converted(batch, self._dtype) for batch in self._stream)


def data_of(inputs: Any, targets: Any, model: nn.Module, *, independent: bool) -> Tensors | Stream:  # noqa: ANN401
    """Data as they are given: inputs and targets, or batches of both.

    Raises:
        TypeError: what is neither.
        ValueError: batches, where all samples are wanted at once.
    """
    if isinstance(inputs, Dataset):
        raise TypeError(f"a {type(inputs).__name__} gives one sample after another: wrap it in a DataLoader")
    if targets is None and not isinstance(inputs, Tensor | np.ndarray):
        if not independent:
            raise ValueError("independent=False takes all samples at once: give them as tensors, not in batches")
        return Stream(inputs, model)
    if targets is None:
        raise TypeError("targets are missing: give them beside the inputs, or batches of both")
    if isinstance(inputs, DataLoader):
        raise TypeError(f"a {type(inputs).__name__} brings its targets: leave targets out")
    return Tensors(inputs, targets, model)


def _converted(batch: Batch, dtype: torch.dtype) -> Batch:
    inputs, targets = (data.to(dtype) if data.is_floating_point() else data for data in batch)
    return inputs, targets


def _digest(batch: Batch) -> int:
    """A number that the samples determine in whatever order, and that others hardly share."""
    parts = [part.cpu().contiguous().reshape(len(part), -1).view(torch.uint8).numpy() for part in batch]
    return sum(hash((one.tobytes(), other.tobytes())) for one, other in zip(*parts, strict=True))
