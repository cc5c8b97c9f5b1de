"""The mean loss of a model on data, as a function of its parameter vector."""

from collections.abc import Iterator
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.func import functional_call

from lossbasins.curvature.losses import LOSSES, Loss


class Objective:
    """The mean loss of a model on given data: what this package differentiates twice.

    The parameter vector is the concatenation of `model.parameters()`, each flattened, in that order. All results refer
    to the parameters as they are when a function is called; the model itself is never changed.

    Args:
        model: in eval mode, all its parameters requiring gradients, used once, of one floating dtype and on one device.
        inputs: shape (n, ...), of the same dtype and on the same device.
        targets: class indices (n,) for "cross_entropy", values of the outputs' shape for "mse".
        loss: "cross_entropy" or "mse", the mean as torch takes it.

    Raises:
        ValueError: no data, a model in training mode, frozen or shared parameters, a loss that is not finite, targets
            that do not fit.
        TypeError: mixed dtypes or devices, integer inputs, targets of the wrong type.

    Example:
        >>> model = nn.Linear(3, 2).double().eval()
        >>> Objective(model, torch.zeros(5, 3).double(), torch.tensor([0, 1, 0, 1, 1])).size
        8
    """

    def __init__(self, model: nn.Module, inputs: Tensor, targets: Tensor, loss: str = "cross_entropy") -> None:
        if loss not in LOSSES:
            raise ValueError(f"loss={loss!r}: choose one of {', '.join(map(repr, LOSSES))}")
        _check_model(model)
        _check_data(model, inputs, targets)
        self.model = model
        self.inputs = inputs
        self.targets = targets
        self.loss: Loss = LOSSES[loss]
        self.names = [name for name, _ in model.named_parameters()]
        self.shapes = [parameter.shape for parameter in model.parameters()]
        self.value = self._evaluate()

    @property
    def size(self) -> int:
        """Number of parameters P."""
        return sum(shape.numel() for shape in self.shapes)

    @property
    def samples(self) -> int:
        """Number of samples n."""
        return len(self.inputs)

    @property
    def dtype(self) -> torch.dtype:
        """Of parameters and inputs."""
        return self.inputs.dtype

    @property
    def device(self) -> torch.device:
        """Of parameters and data."""
        return self.inputs.device

    @property
    def parameters(self) -> Tensor:
        """The current parameter vector, a copy of shape (P,)."""
        return torch.cat([parameter.detach().reshape(-1) for parameter in self.model.parameters()])

    def split(self, vector: Tensor) -> list[Tensor]:
        """A vector (P,) as one tensor for each parameter, in its shape."""
        pieces = vector.split_with_sizes([shape.numel() for shape in self.shapes])
        return [piece.reshape(shape) for piece, shape in zip(pieces, self.shapes, strict=True)]

    def chunks(self, size: int | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """Inputs and targets in slices of `size` samples, or all at once."""
        size = size or self.samples
        for start in range(0, self.samples, size):
            yield self.inputs[start : start + size], self.targets[start : start + size]

    def loss_at(self, pieces: list[Tensor], inputs: Tensor, targets: Tensor) -> Tensor:
        """The share of the mean loss that the given samples contribute, at the given parameters: a scalar."""
        return self.loss.total(self.outputs_at(pieces, inputs), targets, self.samples)

    def outputs_at(self, pieces: list[Tensor], inputs: Tensor) -> Tensor:
        """The model's outputs at the given parameters."""
        outputs: Tensor = functional_call(self.model, dict(zip(self.names, pieces, strict=True)), (inputs,))
        return outputs

    def to(self, dtype: torch.dtype) -> "Objective":
        """The same objective in another precision, on a copy of the model."""
        targets = self.targets if not self.targets.is_floating_point() else self.targets.to(dtype)
        return Objective(deepcopy(self.model).to(dtype), self.inputs.to(dtype), targets, self.loss.name)

    @torch.no_grad()
    def _evaluate(self) -> float:
        """The mean loss, checked to be finite."""
        value = 0.0
        for inputs, targets in self.chunks(256):
            outputs = self.model(inputs)
            self.loss.check(outputs, targets)
            value += float(self.loss.total(outputs, targets, self.samples))
        if not torch.isfinite(torch.tensor(value)):
            raise ValueError(f"the loss is {value}: check inputs, targets and parameters for NaN or overflow")
        return value


def _check_model(model: nn.Module) -> None:
    training = [name or "the model" for name, module in model.named_modules() if module.training]
    if training:
        raise ValueError(
            f"training mode in {training[0]}: call model.eval() first, so that the loss is a function of the data"
        )
    parameters = list(model.named_parameters())
    if not parameters:
        raise ValueError("the model has no parameters")
    frozen = [name for name, parameter in parameters if not parameter.requires_grad]
    if frozen:
        raise ValueError(
            f"parameters that do not require gradients: {', '.join(frozen)}; call requires_grad_() on them"
        )
    everywhere = list(model.named_parameters(remove_duplicate=False))
    if len(everywhere) != len(parameters):
        shared = sorted({name for name, _ in everywhere} - {name for name, _ in parameters})
        raise ValueError(f"shared parameters: {', '.join(shared)}; give each module its own")


def _check_data(model: nn.Module, inputs: Tensor, targets: Tensor) -> None:
    if len(inputs) == 0:
        raise ValueError("no data: inputs are empty")
    if len(inputs) != len(targets):
        raise ValueError(f"{len(inputs)} inputs, but {len(targets)} targets")
    if not inputs.is_floating_point():
        raise TypeError(f"inputs are {inputs.dtype}: convert them to the dtype of the model's parameters")
    if inputs.dtype not in (torch.float32, torch.float64):
        raise TypeError(f"inputs are {inputs.dtype}: curvature needs float32 or float64")
    tensors = dict([*model.named_parameters(), *model.named_buffers()])
    tensors["inputs"] = inputs
    dtypes = {tensor.dtype: name for name, tensor in tensors.items() if tensor.is_floating_point()}
    if len(dtypes) > 1:
        raise TypeError(f"mixed dtypes: {_listed(dtypes)}; convert all to one")
    devices = {tensor.device: name for name, tensor in [*tensors.items(), ("targets", targets)]}
    if len(devices) > 1:
        raise TypeError(f"mixed devices: {_listed(devices)}; move all to one")


def _listed(groups: dict[torch.dtype, str] | dict[torch.device, str]) -> str:
    return ", ".join(f"{key} (such as {name})" for key, name in groups.items())
