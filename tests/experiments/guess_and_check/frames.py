"""What counts find, made up: files of the stage `guess_and_check_count`."""

import numpy as np
import pandas as pd

from lossbasins.experiments.guess_and_check.numbers import count_table
from lossbasins.experiments.guess_and_check.specs import TableChoices, TableSpec

TESTED = 1000
SPEC = TableSpec(images=(4, 16, 64), pixels=7, widths=(16, 16, 1), below=0.6)
CHOICES = TableChoices(below=0.6)


def counted(images, seed=0, runs=4, particles=30, died=0, starts=6, not_fitted=0):
    """One row per way, level and run, and one per network, which is the better the more images there are."""
    random = np.random.default_rng(seed + images)
    ways, nets = [], []

    def add(way, level, run, status, networks, log_probability, draws):
        row = {"way": way, "level": level, "run": run, "status": status, "log_probability": log_probability}
        row |= {"loss": 0.5 if level == "fits" else 0.2, "margin": 0.1, "draws": draws}
        ways.append(row | {"goal": 0.2, "tested": TESTED, "data": "9 of 9 images"})
        middle = 0.5 + 0.06 * np.log2(images) + (0.05 if level != "fits" else 0)
        right = np.clip(TESTED * random.normal(middle, 0.05, networks), 0, TESTED).astype(int)
        nets.extend({"way": way, "level": level, "run": run, "correct": count} for count in right)

    if images <= 16:
        add("guesses", "fits", 0, "ok", 40, np.nan, 1000)
    for method in ("adam", "sgd"):
        for level in ("fits", "trained", "equal loss"):
            for run in range(starts):
                lost = run < not_fitted
                add(method, level, run, "not_fitted" if lost else "ok", 0 if lost else 1, np.nan, 1)
    for run in range(runs):
        for level, depth in (("fits", 0.7), ("equal loss", 1.5)):
            lost = run < died
            share = -np.inf if lost else -depth * images + random.normal(0, 0.2)
            add("volume", level, run, "died_out" if lost else "ok", 0 if lost else particles, share, particles)
    return pd.DataFrame(ways), pd.DataFrame(nets, columns=["way", "level", "run", "correct"])


def count_frames(images=SPEC.images, **case):
    """Both frames of each number of images."""
    return zip(*(counted(number, **case) for number in images), strict=True)


def table_frame(images=SPEC.images, **case):
    ways, nets = count_frames(images, **case)
    return count_table(images, ways, nets, CHOICES)
