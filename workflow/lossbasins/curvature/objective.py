"""The mean loss of a model on data, as a function of its parameter vector."""

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor, nn

from lossbasins.curvature.calling import outputs_of
from lossbasins.curvature.checks import check_model, dtype_of, unwrapped
from lossbasins.curvature.data import Batch, Tensors, data_of
from lossbasins.curvature.inspection import inspected_value
from lossbasins.curvature.losses.base import Loss
from lossbasins.curvature.losses.choice import chosen_loss
from lossbasins.curvature.losses.own import Function
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
            a list is converted. Or batches (inputs, targets), from a `DataLoader` or whatever can be iterated anew:
            they are read in each pass, never held together, and moved to the model's device.
        targets: class indices (n,) for "cross_entropy", values of the outputs' shape for "mse", such from 0 to 1 for
            "binary_cross_entropy"; None where batches bring them.
        loss: "cross_entropy", "mse" or "binary_cross_entropy" (of logits), the mean as torch takes it; one of torch's
            modules with that mean; or a function of outputs and targets that gives a scalar, a mean over samples.
        weight_decay: lambda of a term ``lambda / 2 |w|^2`` over the chosen parameters. Its Hessian, lambda times the
            identity, counts to the Gauss-Newton matrix.
        parameters: the chosen ones, by their names, by patterns such as "layers.2.*", or themselves; by default all
            that require gradients. What is computed costs as little as these allow.
        independent: whether outputs of a sample depend on that sample alone. With False, as batch statistics need it,
            all samples are computed at once, whatever chunks are asked for.

    Raises:
        ValueError: no data, a model in training mode, unknown parameters or none, a loss that is not finite,
            targets that do not fit; a forward that is random, changes its parameters or mixes samples; a loss that is
            random or no mean over samples; batches that are others in another pass, there or at its end.
        TypeError: mixed dtypes or devices, targets of the wrong type, a scripted model, outputs that are no tensor.

    Example:
        >>> model = nn.Linear(3, 2).double().eval()
        >>> Objective(model, torch.zeros(5, 3).double(), torch.tensor([0, 1, 0, 1, 1])).size
        8
    """

    def __init__(
        self,
        model: nn.Module,
        inputs: Any,  # noqa: ANN401 - checked there
        targets: Any = None,  # noqa: ANN401
        loss: str | Loss | Function = "cross_entropy",
        *,
        parameters: Iterable[Wanted] | Wanted | None = None,
        weight_decay: float = 0.0,
        independent: bool = True,
    ) -> None:
        meant = chosen_loss(loss)
        if not 0 <= weight_decay < float("inf"):
            raise ValueError(f"weight_decay={weight_decay}: give a number, zero or positive")
        model = unwrapped(model)
        check_model(model)
        self.model = model
        self.names = chosen_names(model, parameters)
        """Of the chosen parameters."""
        self.shapes = [parameter.shape for parameter in self.chosen]
        self.independent = independent
        self.data = data_of(inputs, targets, model, independent=independent)
        self.loss = meant.settled(targets for _, targets in self.chunks())
        self.weight_decay = weight_decay
        self.dtype = dtype_of(model)
        """Of parameters, and of inputs where these are no integers."""
        self.value = inspected_value(self) + weight_decay / 2 * float(self.parameters.square().sum())
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
        return self.data.samples

    @property
    def inputs(self) -> Tensor:
        """Of all samples; a stream is then read into memory."""
        return self.data.inputs if isinstance(self.data, Tensors) else torch.cat([x for x, _ in self.chunks()])

    @property
    def targets(self) -> Tensor:
        """Of all samples; a stream is then read into memory."""
        return self.data.targets if isinstance(self.data, Tensors) else torch.cat([y for _, y in self.chunks()])

    @property
    def output_size(self) -> int:
        """Outputs for one sample."""
        inputs, _ = self.some(1)
        with torch.no_grad():
            return self.outputs_at(self.split(self.parameters), inputs)[0].numel()

    @property
    def device(self) -> torch.device:
        """Of parameters and data."""
        return self.chosen[0].device

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

    def chunks(self, size: int | None = None) -> Iterator[Batch]:
        """Inputs and targets by `size` samples at a time, or at once, as samples that mix always are.

        A stream's batches are split where they are larger, and come one by one where no size is given.
        """
        return self.data.chunks(size if self.independent else None)

    def some(self, count: int) -> Batch:
        """A few samples; all of them where they mix. Of a stream it may be fewer."""
        return self.data.some(count if self.independent else self.samples)

    def loss_at(self, pieces: Sequence[Tensor], inputs: Tensor, targets: Tensor) -> Tensor:
        """The share of the objective that the given samples contribute, at the given parameters: a scalar."""
        total = self.loss.total(self.outputs_at(pieces, inputs), targets, self.samples)
        if not self.weight_decay:
            return total
        return total + self.decay(len(inputs)) / 2 * torch.stack([piece.square().sum() for piece in pieces]).sum()

    def decay(self, samples: int) -> float:
        """The share of weight decay that falls to some samples: what it adds to the diagonal of their Hessian."""
        return self.weight_decay * (samples / self.samples)

    def outputs_at(self, pieces: Sequence[Tensor], inputs: Tensor) -> Tensor:
        """The model's outputs at the given parameters."""
        return outputs_of(self.model, self.fixed | dict(zip(self.names, pieces, strict=True)), inputs)

    def to(self, dtype: torch.dtype) -> "Objective":
        """The same objective in another precision, on a copy of the model."""
        inputs, targets = self.data.to(dtype)
        return Objective(
            _copy(self.model).to(dtype),
            inputs,
            targets,
            self.loss,
            parameters=self.names,
            weight_decay=self.weight_decay,
            independent=self.independent,
        )


def _copy(model: nn.Module) -> nn.Module:
    """A deep copy, also where attributes are results of computation, as hooks for weight normalisation leave them."""
    results = [value for module in model.modules() for value in vars(module).values() if isinstance(value, Tensor)]
    return deepcopy(model, {id(result): result.detach().clone() for result in results})
