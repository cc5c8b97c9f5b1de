"""At least fifty models that the quickest route does not know: the right matrix, product and values, or an error."""

import numpy as np
import pytest
import torch
from torch import nn

from lossbasins.curvature import (
    AsymmetryError,
    DifferentiationError,
    HessianOperator,
    Objective,
    UnsupportedLayerError,
    hessian_matrix,
    top_eigenpairs,
)
from lossbasins.curvature.reading import read_network, read_program
from tests.curvature.unusual import UNUSUAL
from tests.curvature.zoo import CLASSES, SAMPLES
from tests.oracles import double_backward_rows

REFUSED = {"weight norm by hook", "weight norm"}
"""Whose second derivative in torch is wrong, so that the oracle is too."""


def built(name):
    torch.manual_seed(0)
    make, draw = UNUSUAL[name]
    inputs = draw()
    model = make().double().eval()
    with torch.no_grad():
        model(inputs.clone())
        for parameter in model.parameters():
            nn.init.normal_(parameter, mean=0.3, std=0.5)
    return model, inputs, torch.arange(SAMPLES) % CLASSES


def test_what_columns_cannot_take_is_differentiated_automatically(monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("no rule\nfor it")

    objective = Objective(*built("causal attention"))
    read_program(objective)
    monkeypatch.setattr("lossbasins.curvature.hessian.columns_matrix", fail)
    torch.testing.assert_close(hessian_matrix(objective), double_backward_rows(objective), rtol=1e-9, atol=1e-12)
    with pytest.raises(UnsupportedLayerError, match="Does cannot be taken by columns: no rule") as error:
        hessian_matrix(objective, "structured")
    assert "\n" not in str(error.value)


def worst_error(objective):
    """Of matrix, product and values, over the norm of the Hessian."""
    expected = double_backward_rows(objective)
    vector = torch.randn(objective.size, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    product = torch.from_numpy(HessianOperator(objective, chunk=2) @ vector.numpy())
    k = min(3, objective.size)
    values = torch.from_numpy(top_eigenpairs(objective, k).values)
    differences = (
        hessian_matrix(objective) - expected,
        (product - expected @ vector) / vector.norm(),
        values - torch.linalg.eigvalsh(expected).flip(0)[:k],
    )
    return max(float(difference.norm()) for difference in differences) / float(expected.norm())


def test_models_that_the_quickest_route_does_not_know(capsys):
    errors, refused = {}, set()
    for name in UNUSUAL:
        model, inputs, targets = built(name)
        try:
            objective = Objective(model, inputs, targets)
            try:
                read_network(objective)
            except UnsupportedLayerError:
                errors[name] = worst_error(objective)
        except (AsymmetryError, DifferentiationError):
            refused.add(name)
            errors.pop(name, None)
    worst = max(errors, key=errors.get)
    with capsys.disabled():
        print(
            f"\n{len(errors)} models outside the vocabulary: worst {errors[worst]:.1e}, of {worst}; refused {refused}"
        )
    assert len(errors) >= 50
    assert refused <= REFUSED
    assert errors[worst] < 1e-8
    assert np.median(list(errors.values())) < 1e-12
