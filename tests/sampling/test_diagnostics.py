import numpy as np
import pytest
from arviz_stats.base import array_stats

from lossbasins.sampling.diagnostics import effective_samples, split_r_hat


def autoregressive(rng, chains, draws, correlation):
    """x' = r x + noise, stationary, with variance 1."""
    values = np.empty((chains, draws))
    values[:, 0] = rng.standard_normal(chains)
    noise = rng.standard_normal((chains, draws)) * np.sqrt(1 - correlation**2)
    for draw in range(1, draws):
        values[:, draw] = correlation * values[:, draw - 1] + noise[:, draw]
    return values


@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.5, 0.9])
def test_effective_samples_of_an_autoregression_are_those_of_its_closed_form(correlation):
    chains = autoregressive(np.random.default_rng(1), 4, 50_000, correlation)
    exact = chains.size * (1 - correlation) / (1 + correlation)
    assert effective_samples(chains) == pytest.approx(exact, rel=0.05)


def test_the_error_of_the_mean_is_what_many_repetitions_scatter_by():
    rng = np.random.default_rng(2)
    many = [autoregressive(rng, 2, 200, 0.6) for _ in range(400)]
    stated = [chains.std(ddof=1) / effective_samples(chains) ** 0.5 for chains in many]
    assert np.median(stated) == pytest.approx(np.std([chains.mean() for chains in many]), rel=0.15)


@pytest.mark.parametrize("correlation", [-0.5, 0.0, 0.5, 0.9])
@pytest.mark.parametrize("shape", [(2, 30), (2, 120), (4, 1000)])
def test_arviz_says_the_same(shape, correlation):
    # It ends Geyer's sequence one pair later where that is cut off: up to a tenth on short chains.
    chains = autoregressive(np.random.default_rng(4), *shape, correlation)
    named = {"chain_axis": 0, "draw_axis": 1}
    assert split_r_hat(chains) == pytest.approx(array_stats.rhat(chains, method="split", **named), rel=1e-12)
    assert effective_samples(chains) == pytest.approx(array_stats.ess(chains, method="mean", **named), rel=0.1)


def test_r_hat_by_hand():
    # Halves with means 1, 3, 2, 4 and variance 2 each: B / W = 2 (5/3) / 2 and n = 2.
    chains = [[0, 2, 2, 4], [1, 3, 3, 5]]
    assert split_r_hat(chains) == pytest.approx(np.sqrt((5 / 3 + 1) / 2))


def test_r_hat_tells_chains_in_two_places_and_a_chain_that_drifts():
    rng = np.random.default_rng(3)
    same = rng.standard_normal((2, 1000))
    assert split_r_hat(same) < 1.01
    apart = same + np.array([[0], [1]])
    assert split_r_hat(apart) > 1.1
    assert split_r_hat(same[:1] + np.linspace(0, 2, 1000)) > 1.1
    assert effective_samples(apart) < 20


def test_chains_that_stand_still():
    assert split_r_hat(np.ones((2, 10))) == 1
    assert split_r_hat(np.ones((2, 10)) * [[1], [2]]) == np.inf
    with pytest.raises(ValueError, match="3 draws: diagnostics need four or more"):
        split_r_hat(np.ones((2, 3)))
