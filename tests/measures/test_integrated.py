import numpy as np
import pytest

from lossbasins.stages.measured import write_arrays
from tests.measures.measuring import arrays_of, inputs_of, seeded, values_of

B = np.geomspace(0.5, 512, 5)


def arrays(**changes):
    """Of two chains at which lambda(b) = b E_b[dL] is 3 ln b + 3 and 3 ln b + 5."""
    shape = (2, 2, 5)
    coefficients = 3 * np.log(B) + np.array([3, 5])[:, None]
    values = {
        "prior_scales": np.array([0.5, 1.0]),
        "inverse_temperatures": B,
        "excess_loss": np.broadcast_to(coefficients / B, shape),
        "excess_loss_error": np.full(shape, 0.3) / B,
        "free_energy": np.full(shape, 5.0) + np.array([[[0.0]], [[7.0]]]) + np.array([[0], [1]]),
        "free_energy_error": np.full(shape, 0.6),
        "r_hat": np.full((2, 5), 1.01),
        "effective_samples": np.full((2, 5), 150.0),
        "gradients": np.array([900, 1000]),
    }
    return values | changes


def taken(folder, trained, split_path, *names, **changes):
    found = arrays(**changes)
    write_arrays(folder / "thermodynamic_integration.npz", [0, 1], list(found), [found, found])
    inputs = inputs_of(trained, split_path, folder, arrays=[folder / "thermodynamic_integration.npz"])
    return values_of(inputs, *(seeded(name, precision="float32") for name in names)).query("replica == 0")


def test_both_chains_make_one_number(trained, split_path, tmp_path):
    frame = taken(tmp_path, trained, split_path, "free_energy", "free_energy_half")
    assert frame["value"].tolist() == [12.5, 5.5]
    assert frame["standard_error"].tolist() == pytest.approx([0.5] * 2)
    assert frame["gradients"].tolist() == [1000, 900]
    assert frame["reason"].isna().all()


def test_the_learning_coefficient_is_taken_between_temperatures(trained, split_path, tmp_path):
    frame = taken(tmp_path, trained, split_path, "learning_coefficient")
    b = 512 / np.log(512)
    assert frame["value"].tolist() == pytest.approx([3 * np.log(b) + 4])
    assert 0 < frame["standard_error"].iloc[0] < 1


@pytest.mark.parametrize(("stated", "expected"), [(0.1, 0.5), (2.0, 2**0.5)])
def test_the_larger_of_two_errors_stands(trained, split_path, tmp_path, stated, expected):
    frame = taken(tmp_path, trained, split_path, "free_energy", free_energy_error=np.full((2, 2, 5), stated))
    assert frame["standard_error"].tolist() == pytest.approx([expected])


def test_a_value_with_a_large_error_is_missing(trained, split_path, tmp_path):
    energies = np.full((2, 2, 5), 5.0) + np.array([[0], [10]])
    frame = taken(tmp_path, trained, split_path, "free_energy", free_energy=energies)
    assert frame["value"].isna().all()
    assert frame["reason"].tolist() == ["an error of 5.0 nats"]


def test_a_solution_that_is_no_minimum_has_no_free_energy(trained, split_path, tmp_path):
    # One of two chains below zero is noise, both are not.
    means = arrays()["excess_loss"].copy()
    means[0, 0, 4] = -means[0, 0, 4] / 2
    means[1, :, 4] = -0.001
    frame = taken(tmp_path, trained, split_path, "free_energy", "free_energy_half", excess_loss=means)
    assert frame["value"].isna().tolist() == [True, False]
    assert frame["reason"].iloc[0] == "a mean dL of -0.001 at 512: no minimum"


@pytest.mark.parametrize(("images", "smallest"), [(1, 0.2), (2, 0.2), (512, 100)])
def test_a_learning_coefficient_outside_what_was_sampled_says_so(trained, split_path, tmp_path, images, smallest):
    b = np.geomspace(smallest, images, 5)
    frame = taken(tmp_path, trained, split_path, "learning_coefficient", inverse_temperatures=b)
    assert frame["value"].isna().all()
    assert frame["reason"].str.match(r"n / log n of (inf|2\.89|82\.1) lies outside the inverse temperatures").all()


def test_what_has_not_converged_says_so(trained, split_path, tmp_path):
    r_hat = np.full((2, 5), 1.01)
    r_hat[1, 1] = 1.25
    samples = np.full((2, 5), 150.0)
    samples[0, 4] = 19
    frame = taken(
        tmp_path,
        trained,
        split_path,
        "free_energy",
        "free_energy_half",
        "free_energy_double",
        "learning_coefficient",
        r_hat=r_hat,
        effective_samples=samples,
    )
    assert frame["value"].isna().tolist() == [True, True, True, False]
    assert frame["reason"].tolist()[:3] == [
        "R-hat 1.25 at inverse temperature 2.83",
        "19 effective samples at 512",
        "no prior scale 2 was sampled",
    ]


def test_a_real_network_is_sampled_and_cheap_measures_read_it(trained, split_path, tmp_path):
    options = {"prior_scales": (1.0,), "temperatures": 4, "prior_draws": 20, "burn_in": 10, "draws": 60}
    inputs = inputs_of(trained, split_path, tmp_path)
    found = arrays_of(inputs, seeded("thermodynamic_integration", precision="float32", **options))
    assert found["inverse_temperatures"][0, [0, -1]] == pytest.approx([0.2, 60])
    first, second = np.moveaxis(found["free_energy"][:, 0, :, -1], 1, 0)
    errors = np.linalg.norm(found["free_energy_error"][:, 0, :, -1], axis=1)
    assert (abs(first - second) < 4 * errors).all()
    frame = values_of(
        inputs_of(trained, split_path, tmp_path, arrays=[tmp_path / "thermodynamic_integration.npz"]),
        seeded("free_energy", precision="float32"),
    )
    kept = frame["reason"].isna()
    assert frame["value"][kept].tolist() == pytest.approx(((first + second) / 2)[kept].tolist())


def test_a_hard_volume_agrees_with_the_soft_one_of_a_real_network(trained, split_path, tmp_path):
    options = {"prior_scales": (1.0,), "temperatures": 7, "prior_draws": 50, "burn_in": 10, "draws": 60}
    inputs = inputs_of(trained, split_path, tmp_path, ["ok", "not_fitted"])
    soft = arrays_of(inputs, seeded("thermodynamic_integration", precision="float32", **options))
    b, energies = soft["inverse_temperatures"][0], soft["free_energy"][0, 0].mean(axis=0)
    # P(dL <= c) is at most exp(b c - F(b)) at every b, and close to the least of these.
    level = float(soft["excess_loss"][0, 0, :, 4].mean())
    bound = float(np.min(b * level - energies))
    hard = values_of(inputs, seeded("subset_simulation", precision="float32", level=level, particles=100, moves=4))
    value, error = hard["value"][0], hard["standard_error"][0]
    assert -bound - 3 * error < value < -bound + 3 + 3 * error
