"""The other ways to Hessian columns and eigenvalues that `curvature.py` compares with."""

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from torch.func import functional_call, grad, jvp, vmap
from torch.nn.functional import cross_entropy


def double_backward(objective, picked):
    """The obvious way, one retained graph."""
    parameters = list(objective.model.parameters())
    loss = cross_entropy(objective.model(objective.inputs), objective.targets)
    gradient = torch.cat([g.reshape(-1) for g in torch.autograd.grad(loss, parameters, create_graph=True)])
    rows = [torch.autograd.grad(gradient[i], parameters, retain_graph=True) for i in picked]
    return torch.stack([torch.cat([g.reshape(-1) for g in row]) for row in rows], dim=1)


def functional_columns(objective, picked, block):
    """Forward over reverse mode."""
    model, names, shapes = objective.model, objective.names, objective.shapes
    point = objective.parameters

    def loss(vector):
        pieces = vector.split([shape.numel() for shape in shapes])
        values = {name: piece.reshape(shape) for name, piece, shape in zip(names, pieces, shapes, strict=True)}
        return cross_entropy(functional_call(model, values, (objective.inputs,)), objective.targets)

    def column(vector):
        return jvp(grad(loss), (point,), (vector,))[1]

    directions = unit_vectors(objective, picked).T
    if block is None:
        return torch.stack([column(direction) for direction in directions], dim=1)
    return vmap(column, chunk_size=block)(directions).T


def curvlinops_operator(objective):
    """With one batch of all data, and without its check for determinism."""
    from curvlinops import HessianLinearOperator

    data = [(objective.inputs, objective.targets)]
    parameters = list(objective.model.parameters())
    return HessianLinearOperator(
        objective.model, torch.nn.CrossEntropyLoss(), parameters, data, check_deterministic=False
    )


def curvlinops_columns(objective, picked, block):
    """Products of the operator with unit vectors, `block` at a time."""
    operator = curvlinops_operator(objective)
    return torch.cat(
        [(operator @ part).detach() for part in unit_vectors(objective, picked).split(block, dim=1)], dim=1
    )


def curvlinops_eigenvalues(objective, tolerance):
    """SciPy's Lanczos on the operator."""
    operator = curvlinops_operator(objective)
    dtype = torch.empty(0, dtype=objective.dtype).numpy().dtype
    products = LinearOperator(
        operator.shape,
        matvec=lambda v: (operator @ torch.from_numpy(v.reshape(-1)).to(objective.inputs)).detach().cpu().numpy(),
        dtype=dtype,
    )
    return eigsh(
        products,
        k=20,
        which="LA",
        tol=tolerance,
        v0=np.random.default_rng(0).standard_normal(objective.size).astype(dtype),
    )[0]


def pyhessian_computation(objective):
    """PyHessian on all data at once."""
    from pyhessian import hessian

    objective.model.zero_grad()  # it takes its gradients from the parameters' .grad, which would add up
    data = (objective.inputs, objective.targets)
    return hessian(objective.model, torch.nn.CrossEntropyLoss(), data=data, cuda=objective.device.type == "cuda")


def pyhessian_columns(objective, picked):
    """Its Hessian-vector product with unit vectors."""
    from pyhessian.utils import hessian_vector_product

    computation = pyhessian_computation(objective)
    columns = []
    for vector in unit_vectors(objective, picked).T:
        product = hessian_vector_product(computation.gradsH, computation.params, objective.split(vector))
        columns.append(torch.cat([part.detach().reshape(-1) for part in product]))
    return torch.stack(columns, dim=1)


def pyhessian_eigenvalues(objective, count):
    """Its deflated power iteration, at its default tolerance of 1e-3."""
    return pyhessian_computation(objective).eigenvalues(top_n=count)[0]


def eigenthings_operator(objective):
    """Hessian-eigenthings' operator on all data at once."""
    from hessian_eigenthings.loss_fns import supervised_loss
    from hessian_eigenthings.operators import HessianOperator

    return HessianOperator(
        objective.model, [(objective.inputs, objective.targets)], supervised_loss(torch.nn.CrossEntropyLoss())
    )


def eigenthings_columns(objective, picked):
    """Its Hessian-vector product with unit vectors, each with a graph of its own."""
    operator = eigenthings_operator(objective)
    return torch.stack([operator.matvec(vector).detach() for vector in unit_vectors(objective, picked).T], dim=1)


def eigenthings_eigenvalues(objective, steps):
    """Its Lanczos with full re-orthogonalisation, for a fixed number of steps."""
    from hessian_eigenthings.algorithms import lanczos

    found = lanczos(eigenthings_operator(objective), k=20, max_iter=steps, reorthogonalize=True, which="LA", seed=0)
    return found.eigenvalues.cpu().numpy()


def unit_vectors(objective, picked):
    """Columns (P, K) of the identity."""
    vectors = torch.zeros(objective.size, len(picked), dtype=objective.dtype)
    vectors[picked, torch.arange(len(picked))] = 1
    return vectors.to(objective.device)
