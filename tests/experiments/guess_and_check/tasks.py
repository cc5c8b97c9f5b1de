"""Small tasks: images of noise in two classes, and networks that tell them apart."""

import torch

from lossbasins.experiments.guess_and_check.fit import Fit
from lossbasins.experiments.guess_and_check.nets import Nets
from lossbasins.experiments.guess_and_check.specs import CountChoices
from lossbasins.experiments.guess_and_check.ways import Task

CHOICES = {"pixels": 3, "hidden": (5,), "guesses": 20_000, "guessed": 8, "particles": 200, "runs": 3, "moves": 10}
CHOICES |= {"acceptance": 0.3, "survivors": 0.3, "starts": 6, "learning_rates": {"adam": 0.02, "sgd": 0.2}}
CHOICES |= {"target_loss": 0.05, "steps": 400}


def fit(images: int, widths=(6, 5, 1), seed: int = 0, noise: float = 0.5) -> Fit:
    """Networks, and inputs whose class is the sign of the first of them, but for noise."""
    random = torch.Generator().manual_seed(seed)
    inputs = torch.randn(images, widths[0], generator=random)
    targets = torch.sign(inputs[:, 0] + noise * torch.randn(images, generator=random))
    return Fit(Nets(widths), inputs, targets)


def task(images: int = 6, **changes) -> Task:
    return Task(CountChoices(**CHOICES | changes), fit(images), fit(300, seed=1), seed=7)
