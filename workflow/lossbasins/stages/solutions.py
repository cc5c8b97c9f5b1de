"""The parameters of a run's replicas, in files and as models."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from lossbasins.data.kinds import KINDS
from lossbasins.data.split import Split
from lossbasins.models.registry import build_model, load_replica, stack
from lossbasins.specs.entries import ModelSpec


@dataclass(frozen=True)
class Solutions:
    """All replicas of a run."""

    spec: ModelSpec
    input_shape: tuple[int, ...]
    classes: int
    stacked: dict[str, Tensor]
    """By name, of shape (replica, ...)."""

    def __len__(self) -> int:
        return len(next(iter(self.stacked.values())))

    @property
    def parameters(self) -> int:
        """Number of parameters of each replica."""
        return sum(values.numel() for values in build_model(self.spec, self.input_shape, self.classes).parameters())

    def model(self, replica: int, dtype: torch.dtype, device: str) -> nn.Module:
        """The network of one replica, in eval mode."""
        model = build_model(self.spec, self.input_shape, self.classes).to(device=device, dtype=dtype)
        load_replica(model, self.stacked, replica)
        return model.eval()


def new_model(spec: ModelSpec, split: Split, seed: int) -> nn.Module:
    """A network for the data of a split, with the seed of its own initialisation."""
    return build_model(spec, input_shape(split), split.classes, seed)


def write_solutions(path: Path, replicas: Sequence[Mapping[str, Tensor]]) -> None:
    """Writes the stacked parameters and buffers of replicas, which lie on the CPU."""
    save_file({name: values.contiguous() for name, values in stack(replicas).items()}, path)


def read_solutions(path: Path, spec: ModelSpec, split: Split) -> Solutions:
    """Reads what `write_solutions` wrote."""
    return Solutions(spec, input_shape(split), split.classes, load_file(path))


def fitted_replicas(evaluation: Path) -> list[int]:
    """Numbers of the replicas whose status is `ok`."""
    rows = pd.read_csv(evaluation)
    return [int(replica) for replica in rows.loc[rows["status"] == "ok", "replica"]]


def input_shape(split: Split) -> tuple[int, ...]:
    """What `build` of a network is given: channels, height and width of images, and as `KINDS` has it of other data."""
    return KINDS[split.kind].shape((split.train_inputs, split.attack_inputs, split.test_inputs))
