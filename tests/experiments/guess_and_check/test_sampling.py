import math

import numpy as np
import pytest
import torch
from scipy import stats

from lossbasins.experiments.guess_and_check.sampling import Ladder, Moves, Sampler, guesses
from tests.experiments.guess_and_check.tasks import fit

MOVES = Moves(10, 0.3)


def sampler(score, dimensions, ladder, seed=0, particles=500, moves=MOVES):
    return Sampler(score, dimensions, particles, ladder, moves, torch.Generator().manual_seed(seed))


def climbed(*given, **changes):
    one = sampler(*given, **changes)
    while one.climbing:
        one.advance()
    return one


def estimates(*given, runs=20, **changes):
    """Probabilities of independent runs."""
    return np.exp([climbed(*given, seed=seed, **changes).log_probability for seed in range(runs)])


def assert_unbiased(found, expected):
    """Their mean is the probability, within four standard errors, which are small beside it."""
    error = found.std(ddof=1) / math.sqrt(len(found))
    assert error < expected / 5
    assert abs(found.mean() - expected) < 4 * error


def rungs(images):
    return Ladder(tuple(range(math.ceil(images / 2), images + 1)), images, 0.3)


@pytest.mark.parametrize("images", [3, 8, 16])
def test_a_linear_model_on_orthonormal_inputs_fits_with_probability_2_to_the_minus_n(images):
    def right(vectors):
        return (vectors[:, :images] > 0).sum(dim=1).float()

    assert_unbiased(estimates(right, images + 2, rungs(images)), 2.0**-images)


@pytest.mark.parametrize("degrees", [60, 10, 2])
def test_a_wedge_has_its_angle_over_a_full_turn(degrees):
    """Two inputs in the plane: weights that classify both right form a wedge."""
    angle = math.radians(degrees)
    edges = torch.tensor([[0.0, 1.0], [math.sin(angle), -math.cos(angle)]])

    def right(vectors):
        return (vectors @ edges.T > 0).sum(dim=1).float()

    assert_unbiased(estimates(right, 2, rungs(2), particles=1000), degrees / 360)


def test_levels_that_are_chosen_on_the_way_give_the_tail_of_a_gaussian():
    found = estimates(lambda vectors: vectors[:, 0], 20, Ladder((), 5.0, 0.3), moves=Moves(20, 0.3))
    assert_unbiased(found, stats.norm.sf(5))


def test_particles_are_draws_of_the_prior_given_the_level():
    first = climbed(lambda vectors: vectors[:, 0], 3, Ladder((), 2.0, 0.3), particles=4000, moves=Moves(30, 0.3))
    tail = stats.truncnorm(2, math.inf)
    assert stats.kstest(first.vectors[:, 0].numpy(), tail.cdf).statistic < 0.04
    assert stats.kstest(first.vectors[:, 1].numpy(), stats.norm.cdf).statistic < 0.04


@pytest.mark.parametrize("images", [6, 10, 16])
def test_sampling_agrees_with_guessing(images):
    one = fit(images, (8, 6, 1), noise=0.1)
    found = estimates(one.score, one.nets.parameters, rungs(images), runs=12, particles=1000)
    kept, drawn = guesses(one.correct, one.nets.parameters, images, 400_000, 2000, torch.Generator().manual_seed(1))
    guessed = len(kept) / drawn
    error = math.hypot(found.std(ddof=1) / math.sqrt(len(found)), guessed / math.sqrt(len(kept)))
    assert error < guessed / 5
    assert abs(found.mean() - guessed) < 4 * error


def test_the_spread_between_runs_covers_what_is_true():
    def right(vectors):
        return (vectors[:, :8] > 0).sum(dim=1).float()

    found = np.log(estimates(right, 8, rungs(8), runs=240, particles=200)).reshape(30, 8)
    half = stats.t.ppf(0.975, 7) * found.std(axis=1, ddof=1) / math.sqrt(8)
    covered = np.abs(found.mean(axis=1) + 8 * math.log(2)) < half
    assert stats.binomtest(int(covered.sum()), 30, 0.95).pvalue > 0.01


def test_steps_follow_the_acceptance():
    one = climbed(lambda vectors: vectors[:, 0], 50, Ladder((), 4.0, 0.3), moves=Moves(60, 0.3))
    assert one.accepted == pytest.approx(0.3, abs=0.1)
    assert 0 < one.step < 1


def test_what_goes_on_from_a_state_ends_the_same():
    one = fit(8)
    ladder = Ladder(rungs(8).rungs, one.score_at(0.4), 0.3)
    whole = climbed(one.score, one.nets.parameters, ladder)
    half = sampler(one.score, one.nets.parameters, ladder)
    for _ in range(3):
        half.advance()
    state = half.state()
    again = sampler(one.score, one.nets.parameters, ladder, seed=9)
    again.restore(state)
    while again.climbing:
        again.advance()
    assert again.log_probability == whole.log_probability
    assert torch.equal(again.vectors, whole.vectors)


def test_particles_that_reach_no_level_die_out():
    def never(vectors):
        return torch.zeros(len(vectors))

    one = climbed(never, 3, rungs(2))
    assert one.died_out
    assert one.log_probability == -math.inf
    assert not one.climbing


def test_particles_that_cannot_move_die_out_rather_than_climb_for_ever():
    drawn = []

    def stuck(vectors):
        """The first draws have scores; whatever is proposed later is below all of them."""
        drawn.append(len(vectors))
        return vectors[:, 0].abs() if len(drawn) == 1 else torch.full((len(vectors),), -1.0)

    one = climbed(stuck, 3, Ladder((), 100.0, 0.3), particles=50)
    assert one.died_out


def test_guessing_ends_once_enough_are_found():
    def positive(vectors):
        return vectors[:, 0]

    kept, drawn = guesses(positive, 2, 0.0, 100_000, 3000, torch.Generator().manual_seed(1))
    assert drawn == 2 * 4096
    assert len(kept) / drawn == pytest.approx(0.5, abs=0.03)
    assert (kept[:, 0] >= 0).all()
    kept, drawn = guesses(positive, 2, 100.0, 5000, 10, torch.Generator().manual_seed(1))
    assert (len(kept), drawn) == (0, 5000)
