"""The mean loss of a model on data, as a function of its parameter vector."""

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from itertools import accumulate

import torch
from torch import Tensor, nn

from lossbasins.curvature.calling import outputs_of
from lossbasins.curvature.checks import as_tensor, check_data, check_model, dtype_of, unwrapped
from lossbasins.curvature.inspection import inspected_value
from lossbasins.curvature.losses import LOSSES, Loss
from lossbasins.curvature.selection import Wanted, chosen_names


class Objective:
    """The mean loss of a model on given data: what this package differentiates twice.

    The parameter vector is the concatenation of the chosen ones of `model.parameters()`, each flattened, in that order;
    all others are held fixed. A parameter that several modules share stands in it once, and derivatives go through all
    its uses. All results refer to the parameters as they are when a function is called. Neither model nor data are
    ever changed, whatever the model's forward does.

    The model is looked at once, here: it must be a deterministic function of its inputs and parameters, and the outputs
    of a sample must depend on that sample alone, since all computation is in chunks of samples.

    Args:
        model: in eval mode, of one floating dtype and on one device. Models wrapped by `torch.compile` or for data
            parallelism are unwrapped.
        inputs: shape (n, ...), of the same dtype, or integers such as tokens, and on the same device. A NumPy array or
            a list is converted.
        targets: class indices (n,) for "cross_entropy", values of the outputs' shape for "mse".
        loss: "cross_entropy" or "mse", the mean as torch takes it.
        parameters: the chosen ones, by their names, by patterns such as "layers.2.*", or themselves; by default all
            that require gradients. What is computed costs as little as these allow.
        independent: whether outputs of a sample depend on that sample alone. With False, as batch statistics need it,
            all samples are computed at once, whatever chunks are asked for.

    Raises:
        ValueError: no data, a model in training mode, unknown parameters or none, a loss that is not finite,
            targets that do not fit; a forward that is random, changes its parameters or mixes samples.
        TypeError: mixed dtypes or devices, targets of the wrong type, a scripted model, outputs that are no tensor.

    Example:
        >>> model = nn.Linear(3, 2).double().eval()
        >>> Objective(model, torch.zeros(5, 3).double(), torch.tensor([0, 1, 0, 1, 1])).size
        8
    """

    def __init__(
        self,
        model: nn.Module,
        inputs: Tensor,
        targets: Tensor,
        loss: str = "cross_entropy",
        *,
        parameters: Iterable[Wanted] | Wanted | None = None,
        independent: bool = True,
    ) -> None:
        if loss not in LOSSES:
            raise ValueError(f"loss={loss!r}: choose one of {', '.join(map(repr, LOSSES))}")
        model = unwrapped(model)
        check_model(model)
        self.model = model
        self.names = chosen_names(model, parameters)
        """Of the chosen parameters."""
        self.shapes = [parameter.shape for parameter in self.chosen]
        inputs, targets = as_tensor("inputs", inputs, model), as_tensor("targets", targets, model)
        check_data(model, inputs, targets)
        self.inputs = inputs
        self.targets = targets
        self.loss: Loss = LOSSES[loss]
        self.independent = independent
        self.dtype = dtype_of(model)
        """Of parameters, and of inputs where these are no integers."""
        self.value = inspected_value(self)
        self.is_symmetric = False
        """Whether `autodiff.check_symmetry` has found that second derivatives are."""

    @property
    def size(self) -> int:
        """Number of parameters P."""
        return sum(shape.numel() for shape in self.shapes)

    @property
    def offsets(self) -> list[int]:
        """Where each parameter begins in the parameter vector."""
        return [0, *accumulate(shape.numel() for shape in self.shapes)][:-1]

    @property
    def samples(self) -> int:
        """Number of samples n."""
        return len(self.inputs)

    @property
    def output_size(self) -> int:
        """Outputs for one sample."""
        inputs, _ = next(self.chunks(1))
        with torch.no_grad():
            return self.outputs_at(self.split(self.parameters), inputs)[0].numel()

    @property
    def device(self) -> torch.device:
        """Of parameters and data."""
        return self.inputs.device

    @property
    def chosen(self) -> list[nn.Parameter]:
        """The parameters that the parameter vector is made of."""
        return [self.model.get_parameter(name) for name in self.names]

    @property
    def fixed(self) -> dict[str, Tensor]:
        """All others, by name, without gradients."""
        names = set(self.names)
        return {name: value.detach() for name, value in self.model.named_parameters() if name not in names}

    @property
    def parameters(self) -> Tensor:
        """The current parameter vector, a copy of shape (P,)."""
        return torch.cat([parameter.detach().reshape(-1) for parameter in self.chosen])

    def split(self, vector: Tensor) -> list[Tensor]:
        """A vector (P,) as one tensor for each parameter, in its shape."""
        pieces = vector.split_with_sizes([shape.numel() for shape in self.shapes])
        return [piece.reshape(shape) for piece, shape in zip(pieces, self.shapes, strict=True)]

    def chunks(self, size: int | None = None) -> Iterator[tuple[Tensor, Tensor]]:
        """Inputs and targets in slices of `size` samples, or all at once, as samples that mix always are."""
        if size is None or not self.independent:
            size = self.samples
        for start in range(0, self.samples, size):
            yield self.inputs[start : start + size], self.targets[start : start + size]

    def loss_at(self, pieces: Sequence[Tensor], inputs: Tensor, targets: Tensor) -> Tensor:
        """The share of the mean loss that the given samples contribute, at the given parameters: a scalar."""
        return self.loss.total(self.outputs_at(pieces, inputs), targets, self.samples)

    def outputs_at(self, pieces: Sequence[Tensor], inputs: Tensor) -> Tensor:
        """The model's outputs at the given parameters."""
        return outputs_of(self.model, self.fixed | dict(zip(self.names, pieces, strict=True)), inputs)

    def to(self, dtype: torch.dtype) -> "Objective":
        """The same objective in another precision, on a copy of the model."""
        inputs, targets = (data.to(dtype) if data.is_floating_point() else data for data in (self.inputs, self.targets))
        return Objective(
            _copy(self.model).to(dtype),
            inputs,
            targets,
            self.loss.name,
            parameters=self.names,
            independent=self.independent,
        )


def _copy(model: nn.Module) -> nn.Module:
    """A deep copy, also where attributes are results of computation, as hooks for weight normalisation leave them."""
    results = [value for module in model.modules() for value in vars(module).values() if isinstance(value, Tensor)]
    return deepcopy(model, {id(result): result.detach().clone() for result in results})
