"""Small networks as measures see them."""

import importlib
from copy import deepcopy
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from lossbasins.data.tensors import Part
from lossbasins.measures.solution import Solution


def fitted(hidden=(8,), bias=True, images=40, classes=3, steps=300, dtype=torch.float64):
    """A ReLU network that has learnt its images."""
    generator = torch.Generator().manual_seed(1)
    sizes = [4, *hidden, classes]
    layers = [nn.Flatten()]
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after, bias=bias), nn.ReLU()]
    model = nn.Sequential(*layers[:-1]).to(dtype)
    with torch.no_grad():
        for values in model.parameters():
            values.copy_(torch.randn(values.shape, generator=generator, dtype=dtype) * 0.7)
    inputs = torch.randn(images, 1, 2, 2, generator=generator, dtype=dtype)
    labels = inputs.flatten(1)[:, :classes].argmax(dim=1)
    method = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(steps):
        method.zero_grad()
        nn.functional.cross_entropy(model(inputs), labels).backward()
        method.step()
    return Solution(model.eval(), Part(inputs, labels), seed=3)


def rescaled(solution, factor):
    """(W1, b1) t and W2 / t: the same function."""
    model = deepcopy(solution.model)
    first, second = [layer for layer in model if isinstance(layer, nn.Linear)][:2]
    with torch.no_grad():
        for values in first.parameters():
            values.mul_(factor)
        second.weight.div_(factor)
    return with_spectrum(Solution(model, solution.train, solution.seed, initial=solution.initial))


def with_spectrum(solution):
    hessian = hessian_of(solution)
    arrays = {"spectrum": {"eigenvalues": np.linalg.eigvalsh(hessian.numpy())}}
    return Solution(solution.model, solution.train, solution.seed, arrays, solution.initial)


def hessian_of(solution):
    """By torch's double backward."""
    objective = solution.objective

    def loss(vector):
        return nn.functional.cross_entropy(
            objective.outputs_at(objective.split(vector), solution.train.inputs), solution.train.labels
        )

    return torch.autograd.functional.hessian(loss, objective.parameters)


def measured(name, solution, **options):
    return importlib.import_module(f"lossbasins.measures.{name}").measure(solution, **options)
