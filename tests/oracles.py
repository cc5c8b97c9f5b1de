"""Slow and obvious references that the tests compare with."""

import torch
import torch.nn.functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel


def double_backward(loss, parameters):
    """The Hessian of a scalar in some tensors, row by row, from the gradient of each entry of the gradient."""
    gradients = torch.autograd.grad(loss, parameters, create_graph=True, allow_unused=True, materialize_grads=True)
    gradient = torch.cat([part.reshape(-1) for part in gradients])
    rows = []
    for entry in gradient:
        if not entry.requires_grad:
            rows.append(torch.zeros_like(gradient))
            continue
        row = torch.autograd.grad(entry, parameters, retain_graph=True, allow_unused=True, materialize_grads=True)
        rows.append(torch.cat([part.reshape(-1) for part in row]))
    return torch.stack(rows).detach()


def mean_loss(objective):
    """The mean loss as torch computes it, on the model's own parameters and a copy of the inputs."""
    with sdpa_kernel(SDPBackend.MATH):
        outputs = objective.model(objective.inputs.clone())
    loss = F.cross_entropy if objective.loss.name == "cross_entropy" else F.mse_loss
    return loss(outputs, objective.targets)


def double_backward_rows(objective):
    """The Hessian of the mean loss in all parameters of the model."""
    return double_backward(mean_loss(objective), list(objective.model.parameters()))


def gauss_newton_from_jacobian(objective):
    """J^T S J with the Jacobian of every output row by row and the loss's Hessian in the outputs by autograd."""
    parameters = list(objective.model.parameters())
    with sdpa_kernel(SDPBackend.MATH):
        outputs = objective.model(objective.inputs.clone())
    flat = outputs.reshape(-1)
    rows = [
        torch.cat(
            [
                g.reshape(-1)
                for g in torch.autograd.grad(
                    v, parameters, retain_graph=True, allow_unused=True, materialize_grads=True
                )
            ]
        )
        for v in flat
    ]
    jacobian = torch.stack(rows)
    loss = F.cross_entropy if objective.loss.name == "cross_entropy" else F.mse_loss
    inner = torch.autograd.functional.hessian(
        lambda z: loss(z.reshape(outputs.shape), objective.targets), flat.detach()
    )
    return jacobian.T @ inner @ jacobian


def sample_gradients(objective, targets):
    """The gradient of each sample's loss, (n, P), by one backward pass for each."""
    parameters = list(objective.model.parameters())
    loss = F.cross_entropy if objective.loss.name == "cross_entropy" else F.mse_loss
    rows = []
    with sdpa_kernel(SDPBackend.MATH):
        for number in range(len(targets)):
            sample = loss(objective.model(objective.inputs[number : number + 1].clone()), targets[number : number + 1])
            rows.append(torch.cat([part.reshape(-1) for part in torch.autograd.grad(sample, parameters)]))
    return torch.stack(rows)


def fisher_by_expectation(objective):
    """The mean of outer products of sample gradients over the model's own predictions, each drawn exactly.

    For classes each label has its probability; for a Gaussian of variance C / 2, points at C / sqrt(2) along each of C
    outputs, on both sides and of equal weight, have its covariance.
    """
    with torch.no_grad():
        outputs = objective.model(objective.inputs.clone())
    total = 0
    classes = outputs.shape[1]
    for label in range(classes):
        if objective.loss.name == "cross_entropy":
            draws = [(torch.full((len(outputs),), label), outputs.softmax(1)[:, label])]
        else:
            step = classes / 2**0.5 * torch.eye(classes, dtype=outputs.dtype)[label]
            draws = [(outputs + side * step, torch.full_like(outputs[:, 0], 1 / (2 * classes))) for side in (1, -1)]
        for targets, weights in draws:
            rows = sample_gradients(objective, targets)
            total = total + rows.T @ (weights[:, None] * rows) / len(rows)
    return total
