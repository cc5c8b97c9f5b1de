"""One look at a model: whether its loss on data is what all computation here takes it for.

That is a function of data and parameters alone, and a mean over samples. Both are seen from the values that the mean
loss needs anyway, and from those of one chunk of samples in other company.
"""

import random
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from lossbasins.curvature.calling import outputs_of

if TYPE_CHECKING:
    from lossbasins.curvature.objective import Objective

SAMPLES = 256
"""Samples at a time."""

AGREEMENT = {torch.float32: 1e-4, torch.float64: 1e-10}
"""Largest difference of one sample's outputs from call to call, over the largest output: well over rounding."""


@torch.no_grad()
def inspected_value(objective: "Objective") -> float:
    """The mean loss of a model that was found to be a deterministic function of each sample.

    Raises:
        ValueError: a loss that is not finite; a forward that is random, changes its parameters or mixes samples.
    """
    copies = {name: parameter.detach().clone() for name, parameter in objective.model.named_parameters()}
    value = 0.0
    _check_some(objective, copies)
    for inputs, targets in objective.chunks(SAMPLES):
        outputs = outputs_of(objective.model, copies, inputs)
        _check_parameters(objective, copies)
        objective.loss.check(outputs, targets)
        value += float(objective.loss.total(outputs, targets, objective.samples))
    if not np.isfinite(value):
        raise ValueError(f"the loss is {value}: check inputs, targets and parameters for NaN or overflow")
    return value


def _check_some(objective: "Objective", copies: dict[str, Tensor]) -> None:
    """Look at model and loss on samples of which a stream has several, whatever its batches."""
    inputs, targets = objective.some(SAMPLES)
    before = _random_state(objective.device)
    outputs = outputs_of(objective.model, copies, inputs)
    if _random_state(objective.device) != before:
        raise ValueError(
            "the model draws random numbers in eval mode, so its loss is no function of the data: "
            "switch that off (F.dropout needs training=self.training)"
        )
    _check_parameters(objective, copies)
    _check_outputs(objective, copies, inputs, outputs)
    before = _random_state(objective.device)
    objective.loss.check(outputs, targets)
    if _random_state(objective.device) != before:
        raise ValueError(f"the loss {objective.loss.name} draws random numbers: make it a function of its arguments")


def _check_parameters(objective: "Objective", copies: dict[str, Tensor]) -> None:
    for name, parameter in objective.model.named_parameters():
        if not torch.equal(copies[name], parameter) and not bool(parameter.isnan().any()):
            raise ValueError(
                f"the model's forward changes its parameter {name}, so its loss is no smooth function of it: "
                "apply that change before, and switch it off"
            )


def _check_outputs(objective: "Objective", copies: dict[str, Tensor], inputs: Tensor, outputs: Tensor) -> None:
    """Compare the outputs of some samples with those in a second call, in other company, and of one alone."""
    if outputs.dim() == 0 or len(outputs) != len(inputs):
        raise ValueError(
            f"the model gives outputs of shape {tuple(outputs.shape)} for {len(inputs)} samples: "
            "their first dimension must be that of the samples"
        )
    n = len(inputs)
    groups = [slice(0, n, 2), slice(1, n, 2), slice(n - 1, n)] if objective.independent and n > 1 else [slice(0, n)]
    if all(_agrees(objective, copies, inputs[group], outputs[group]) for group in groups):
        return
    if not _agrees(objective, copies, inputs, outputs):
        raise ValueError(
            "the model gives other outputs when it is called again, so its loss is no function of the data: "
            "remove the noise or the counter from its forward"
        )
    raise ValueError(
        "the outputs of a sample depend on the others in its batch (batch statistics?), so the loss is no mean over "
        "samples: give independent=False to take all samples at once, or make the model treat each alone"
    )


def _agrees(objective: "Objective", copies: dict[str, Tensor], inputs: Tensor, expected: Tensor) -> bool:
    try:
        found = outputs_of(objective.model, copies, inputs)
    except (RuntimeError, ValueError, IndexError) as error:
        raise ValueError(
            f"the model fails on {len(inputs)} of its samples alone ({str(error).splitlines()[0]}): "
            "give independent=False to take all samples at once"
        ) from error
    largest = expected[expected.isfinite()].abs().max() if bool(expected.isfinite().any()) else 0.0
    allowed = AGREEMENT[objective.dtype] * float(largest)
    return found.shape == expected.shape and torch.allclose(found, expected, rtol=0, atol=allowed, equal_nan=True)


def _random_state(device: torch.device) -> tuple[object, ...]:
    """Of all generators that a model may draw from unasked."""
    _, keys, position, *_ = np.random.get_state()  # noqa: NPY002 - the global one is what a model may draw from
    cuda = torch.cuda.get_rng_state(device).numpy().tobytes() if device.type == "cuda" else b""
    return (torch.get_rng_state().numpy().tobytes(), cuda, random.getstate(), np.asarray(keys).tobytes(), position)
