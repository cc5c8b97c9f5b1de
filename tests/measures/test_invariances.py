"""What a rescaling of hidden units, which leaves the network's function as it is, does to each measure."""

import pytest
import torch

from lossbasins.specs.modules import MEASURE, choices, constants
from tests.measures.solutions import fitted, measured, rescaled, with_spectrum

STAY = [
    "training_loss",
    "adaptive_sharpness",
    "adaptive_sharpness_worst",
    "fisher_rao",
    "relative_flatness",
    "input_gradient",
    "path_norm",
    "margin",
]
MOVE = [
    "weight_norm",
    "gradient_norm",
    "largest_eigenvalue",
    "trace",
    "gauss_newton_trace",
    "log_inverse_volume",
    "relative_volume",
    "soft_rank",
    "quadratic_free_energy",
    "pac_bayes",
]
ARRAYS_READ = ["free_energy", "free_energy_half", "free_energy_double", "learning_coefficient"]


@pytest.fixture(scope="module")
def both():
    solution = with_spectrum(fitted())
    return solution, rescaled(solution, 3.0)


def values(name, both):
    options = {"top": 10} if name.endswith("_volume") else {}
    return [measured(name, solution, **options).value for solution in both]


@pytest.mark.parametrize("name", STAY)
def test_what_stays(both, name):
    before, after = values(name, both)
    assert after == pytest.approx(before, rel=1e-6)
    assert before != 0


@pytest.mark.parametrize("name", MOVE)
def test_what_moves(both, name):
    before, after = values(name, both)
    assert abs(after / before - 1) > 0.02


def test_noise_by_magnitude_stays_but_for_weights_near_zero(both):
    before, after = values("pac_bayes_magnitude", both)
    assert after == pytest.approx(before, rel=0.02)


def test_every_number_says_its_units_and_what_it_is_invariant_under():
    others = {"pac_bayes_magnitude", "distance", "frobenius", "subset_simulation", "star_volume"}
    named = {*STAY, *MOVE, *ARRAYS_READ, *others}
    numbers = {name for name in choices(MEASURE) if "ARRAYS" not in constants(MEASURE, name)}
    assert numbers == named
    for name in numbers:
        said = constants(MEASURE, name)
        assert said["SHARPER"] in {"larger", "smaller"}
        assert said["UNITS"]
        assert said["INVARIANT_UNDER"]


def test_the_network_is_left_as_it_was(both):
    solution, _ = both
    before = torch.cat([parameter.detach().reshape(-1).clone() for parameter in solution.model.parameters()])
    for name in (*STAY, *MOVE, "pac_bayes_magnitude"):
        values(name, (solution,))
    assert torch.equal(solution.objective.parameters, before)
