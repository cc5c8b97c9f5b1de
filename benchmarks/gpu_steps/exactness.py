"""The GPU against the CPU: how far each arithmetic is from float64 on the CPU."""

from copy import deepcopy

import torch

from gpu_steps.images import problem
from gpu_steps.networks import trained_mlenet
from gpu_steps.report import AtMost
from gpu_steps.setting import DEVICE
from gpu_steps.timing import arithmetic
from lossbasins.curvature import HessianOperator, InexactMatrixError, Objective, hessian_matrix, matrix_spectrum
from lossbasins.data.tensors import Part
from lossbasins.training.evaluation import loss_and_gradient
from lossbasins.volume import log_inverse_volume

PROBES = 20
GOALS = {"float64": AtMost(1e-10), "float32": AtMost(1e-5), "TF32": None}
"""By arithmetic; TF32 stands beside to show why it is off."""


def run(setting, report):
    """A row for each arithmetic and quantity."""
    train = problem(setting.scratch, setting.size(512, 40), device="cpu").train
    model = trained_mlenet(train, setting.size((6, 15), (2, 3)))
    top = setting.size(50, 5)
    right = quantities(objective(model, train, torch.float64, "cpu"), top)
    processor = quantities(objective(model, train, torch.float32, "cpu"), top)
    for name, goal in GOALS.items():
        with arithmetic(tf32=name == "TF32"):
            measured = objective(model, train, getattr(torch, name, torch.float32), DEVICE)
            found = products(measured)
            try:
                found |= of_matrix(measured, top)
            except InexactMatrixError as refusal:
                report(f"{name}: matrix refused", str(refusal), goal=goal)
        for quantity, values in found.items():
            note = f"float32 on the CPU {error(processor[quantity], right[quantity]):.1e}" if name == "float32" else ""
            report(f"{name}: relative error of the {quantity}", error(values, right[quantity]), goal=goal, note=note)


def objective(model, train, dtype, device):
    """The mean loss of a copy of the model."""
    moved = deepcopy(model).to(device=device, dtype=dtype)
    return Objective(moved, train.inputs.to(device=device, dtype=dtype), train.labels.to(device))


def quantities(objective, top):
    """What studies measure, on the CPU."""
    return products(objective) | of_matrix(objective, top)


def products(objective):
    """Loss, gradient, and a norm from products."""
    operator = HessianOperator(objective)
    generator = torch.Generator().manual_seed(0)
    probes = torch.randn(objective.size, PROBES, generator=generator, dtype=torch.float64).to(objective.inputs)
    loss, gradient = loss_and_gradient(objective.model, Part(objective.inputs, objective.targets))
    return {
        "loss": torch.tensor(loss, dtype=torch.float64),
        "gradient": torch.cat([part.flatten() for part in gradient]).double().cpu(),
        f"Frobenius norm, {PROBES} probes": operator.product(probes).norm().double().cpu(),
    }


def of_matrix(objective, top):
    """The matrix, and what its spectrum gives."""
    matrix = hessian_matrix(objective)
    eigenvalues = matrix_spectrum(matrix).eigenvalues
    return {
        "matrix": matrix.double().cpu(),
        "eigenvalues": torch.from_numpy(eigenvalues).double(),
        f"log volume, k = {top}": torch.tensor(log_inverse_volume(eigenvalues, top), dtype=torch.float64),
    }


def error(found, right):
    """Relative, in the Euclidean norm."""
    return float((found - right).norm() / right.norm())
