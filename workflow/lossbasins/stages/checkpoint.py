"""The state of a long job, saved beside its outputs now and then, so that a killed job goes on from there."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from lossbasins.stages.context import Context, Report
from lossbasins.stages.temporary import beside


class Checkpoint:
    """One file, whole or not there.

    A state is made of dicts, lists, strings, numbers, None and tensors.

    Args:
        path: of the file.
        identity: what the state belongs to; that of another is refused.
        seconds: between two saved states.
        report: told what became of a saved state.
    """

    def __init__(self, path: Path, identity: str, seconds: float, report: Report) -> None:
        self._path = path
        self._identity = identity
        self._seconds = seconds
        self._report = report
        self._saved = time.monotonic()

    @classmethod
    def of(cls, context: Context, route: str = "") -> "Checkpoint":
        """That of a job.

        Args:
            context: of the job.
            route: how it computes, where a state of another way would not do.
        """
        return cls(context.state, f"{context.manifest_id} {route}", context.save_every, context.report)

    def load(self) -> Any | None:  # noqa: ANN401, as it was saved
        """The saved state; None, with a line that says why, where there is none that fits."""
        try:
            with safe_open(self._path, "pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, it is no mapping
                metadata = file.metadata()
            identity, values = metadata["identity"], json.loads(metadata["values"])
        except FileNotFoundError:
            return None
        except (SafetensorError, KeyError, TypeError, ValueError):
            self._report(f"{self._path}: no saved state; starting anew")
            return None
        if identity != self._identity:
            self._report(f"{self._path}: the state of other code, settings or inputs; starting anew")
            return None
        self._report(f"going on from {self._path}")
        return _unpacked(values, tensors)

    def save_if_due(self, state: Callable[[], Any]) -> None:
        """Saves a state if the last one is old enough."""
        if time.monotonic() - self._saved < self._seconds:
            return
        tensors: dict[str, Tensor] = {}
        values = json.dumps(_packed(state(), tensors))
        temporary = beside(self._path)
        try:
            save_file(tensors, temporary, {"identity": self._identity, "values": values})
            temporary.replace(self._path)
        finally:
            temporary.unlink(missing_ok=True)
        self._saved = time.monotonic()


def _packed(value: Any, tensors: dict[str, Tensor]) -> Any:  # noqa: ANN401
    """JSON in which each tensor is its name, and each dict a list of pairs since its keys may be numbers."""
    if isinstance(value, Tensor):
        name = str(len(tensors))
        tensors[name] = value.detach().cpu().clone(memory_format=torch.contiguous_format)
        return {"tensor": name}
    if isinstance(value, dict):
        return {"pairs": [[key, _packed(item, tensors)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        return [_packed(item, tensors) for item in value]
    return value


def _unpacked(value: Any, tensors: dict[str, Tensor]) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        if "tensor" in value:
            return tensors[value["tensor"]]
        return {key: _unpacked(item, tensors) for key, item in value["pairs"]}
    return [_unpacked(item, tensors) for item in value] if isinstance(value, list) else value
