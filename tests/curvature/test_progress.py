import pytest
import torch
from torch import nn

from lossbasins.curvature import Objective, frobenius_squared, spectral_density, top_eigenpairs, trace


@pytest.fixture(scope="module")
def objective():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 3)).double().eval()
    return Objective(model, torch.randn(40, 5).double(), torch.randint(0, 3, (40,)))


LONG = {
    "trace": lambda o, **settings: trace(o, "deflated", probes=12, **settings),
    "norm": lambda o, **settings: frobenius_squared(o, probes=12, **settings),
    "finite differences": lambda o, **settings: frobenius_squared(o, "finite_difference", probes=12, **settings),
    "density": lambda o, **settings: spectral_density(o, probes=2, steps=6, **settings),
}


@pytest.mark.parametrize("name", LONG)
def test_every_product_is_told(objective, name):
    told = []
    found = LONG[name](objective, progress=lambda *numbers: told.append(numbers))
    assert told == [(done, 12) for done in range(1, 13)]
    silent = LONG[name](objective)
    assert vars(found).keys() == vars(silent).keys()
    assert found.matvecs == silent.matvecs == 12


def test_products_of_lanczos_are_told(objective):
    told = []
    found = top_eigenpairs(objective, 3, method="lanczos", progress=lambda *numbers: told.append(numbers))
    done = [number for number, _ in told]
    assert done == sorted(done)
    assert done[-1] == found.matvecs
    assert all(number <= most for number, most in told)
