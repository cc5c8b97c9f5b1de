"""Ways to networks that classify n images right, and what they find (E12).

`guesses` are draws from the prior, kept where they fit. `volume` is sequential Monte Carlo: the same networks, where
guesses are too few. `adam` and `sgd` follow gradients from draws of the prior. All are looked at where they fit; and
where they fit with a normalised loss of at most a goal, which is the median at which the gradients' networks first fit.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lossbasins.experiments.guess_and_check.descent import Reached, descend
from lossbasins.experiments.guess_and_check.fit import Fit
from lossbasins.experiments.guess_and_check.sampling import Ladder, Moves, Sampler, guesses
from lossbasins.experiments.guess_and_check.specs import CountChoices

FITS, EQUAL_LOSS, TRAINED = "fits", "equal loss", "trained"
"""Levels: all images are right; the normalised loss is at most the goal, too; the loss is at most that of training."""

Found = dict[str, Any]
"""What a run of a way found at a level: `way`, `level`, `run`, `status` (`ok`, `died_out` or `not_fitted`), `draws`
(networks that it started with), `log_probability` of the level (missing where it is not counted), medians of the
normalised `loss` and `margin` (the least over images), `goal`, and `correct`: of how many test images, (k,)."""


@dataclass(frozen=True, eq=False)
class Task:
    """What is to be fitted, and how."""

    choices: CountChoices
    train: Fit
    test: Fit
    seed: int
    """Of the starts of gradients; guesses and runs count on from it."""

    def generator(self, number: int) -> torch.Generator:
        """A stream of its own, on the device of the images."""
        return torch.Generator(self.train.inputs.device).manual_seed(self.seed + number)

    def found(self, way: str, level: str, run: int, vectors: Tensor, **more: Any) -> Found:  # noqa: ANN401
        """What networks (k, P) are like; of a way that found none, only that."""
        margins = self.train.normalised_margins(vectors).amin(dim=1)
        loss = self.train.normalised_loss(vectors)
        return {
            "way": way,
            "level": level,
            "run": run,
            "loss": float(loss.median()) if len(vectors) else math.nan,
            "margin": float(margins.median()) if len(vectors) else math.nan,
            "correct": self.test.correct(vectors).cpu(),
            **more,
        }


def descended(task: Task) -> tuple[float | None, list[Found]]:
    """Networks that gradients find: at their first fit, at equal loss, and trained.

    Returns:
        The goal, None where no network fits; and what was found, one start after another.
    """
    train, choices = task.train, task.choices
    starts = torch.randn(choices.starts, train.nets.parameters, generator=task.generator(0), device=train.inputs.device)

    def fits(vectors: Tensor) -> Tensor:
        return (train.margins(vectors) > 0).all(dim=1)

    def reach(level: str, reached: Reached) -> list[Found]:
        return [
            task.found(
                method,
                level,
                number,
                vectors[number : number + int(done[number])],
                status="ok" if done[number] else "not_fitted",
                draws=1,
                log_probability=math.nan,
            )
            for method, rate in choices.learning_rates.items()
            for vectors, done in [descend(train, starts, method, rate, choices.steps, reached)]
            for number in range(choices.starts)
        ]

    found = reach(FITS, fits)
    losses = sorted(row["loss"] for row in found if row["status"] == "ok")
    found += reach(TRAINED, lambda vectors: fits(vectors) & (train.loss(vectors) <= choices.target_loss))
    if not losses:
        return None, found
    goal = losses[len(losses) // 2]
    return goal, found + reach(EQUAL_LOSS, lambda vectors: fits(vectors) & (train.normalised_loss(vectors) <= goal))


def guessed(task: Task) -> list[Found]:
    """Draws from the prior that fit, where there are few enough images for some to."""
    train, choices = task.train, task.choices
    images = len(train.targets)
    if images > choices.guessed:
        return []
    vectors, drawn = guesses(
        train.correct, train.nets.parameters, images, choices.guesses, choices.particles, task.generator(1)
    )
    share = math.log(len(vectors) / drawn) if len(vectors) else -math.inf
    status = "ok" if len(vectors) else "died_out"
    return [task.found("guesses", FITS, 0, vectors, status=status, draws=drawn, log_probability=share)]


class Climb:
    """A run of sequential Monte Carlo, from half of the images right to all, and on to a loss.

    Args:
        task: what is to be fitted.
        goal: normalised loss at which it ends; None: once all are right.
        run: its number.
    """

    def __init__(self, task: Task, goal: float | None, run: int) -> None:
        self._task, self._run, choices = task, run, task.choices
        images = len(task.train.targets)
        self._marks = {float(images): FITS}
        if goal is not None:
            self._marks[task.train.score_at(goal)] = EQUAL_LOSS
        self._top = max(self._marks)
        rungs = tuple(float(rung) for rung in range(math.ceil(images / 2), images + 1))
        self.sampler = Sampler(
            task.train.score,
            task.train.nets.parameters,
            choices.particles,
            Ladder(rungs, self._top, choices.survivors),
            Moves(choices.moves, choices.acceptance),
            task.generator(2 + run),
        )

    def advance(self) -> list[Found]:
        """Climbs a level; what was found if that is one to look at, or if all particles died out."""
        sampler = self.sampler
        sampler.advance()
        reached = [name for level, name in self._marks.items() if level == sampler.level]
        lost = [name for level, name in self._marks.items() if level >= sampler.level]
        return [
            self._task.found(
                "volume",
                level,
                self._run,
                sampler.vectors[:0] if sampler.died_out else sampler.vectors,
                status="died_out" if sampler.died_out else "ok",
                draws=len(sampler.vectors),
                log_probability=sampler.log_probability,
                acceptance=sampler.accepted,
                step=sampler.step,
            )
            for level in (lost if sampler.died_out else reached)
        ]

    @property
    def done(self) -> float:
        """Share of the levels, roughly: as many lie below all images right as above."""
        images = len(self._task.train.targets)
        below = min(1.0, max(0.0, self.sampler.level) / images)
        above = (self.sampler.level - images) / (self._top - images) if self._top > images else 1.0
        return (below + max(0.0, above)) / 2
