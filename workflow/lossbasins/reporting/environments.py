"""How well a measure orders solutions that differ in one choice alone: on average, and at worst.

Both follow the conventions of their papers but for replicas: a setting has several, and every pair of them counts.
"""

from collections.abc import Hashable, Mapping
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from lossbasins.reporting.ordering import pairs, tau

Array = npt.NDArray[np.float64]


def environments(
    settings: pd.DataFrame, values: Array, accuracy: Array, *, test_images: int, errors_apart: float
) -> pd.DataFrame:
    r"""Every comparison of two settings that differ in one choice, all others fixed.

    The sign error is :math:`(1 - \mathrm{sign}(x_i - x_j)\, \mathrm{sign}(y_i - y_j)) / 2` with x the measure and y the
    test error, a mean over the pairs of one environment: 0 where larger measures always have larger errors, 1/2 for a
    coin (Dziugaite et al. 2020, arXiv 2010.11924, and their published code). There pairs are weighted by how surely
    they differ; here those count whose accuracies differ by more than so many binomial standard errors, and no others.

    Args:
        settings: a column for each choice, such as optimizer and attack; a row for each of N solutions.
        values: shape (N,), of the measure.
        accuracy: shape (N,), on the test set.
        test_images: that the accuracies rest on.
        errors_apart: binomial standard errors of a difference by which two accuracies are told apart.

    Returns:
        One row per environment: axis (the choice that differs), environment (its two values, and the others), pairs,
        sign_error (missing without pairs that are told apart), and told_apart, their number.
    """
    every = pairs(values.size)
    variance = accuracy * (1 - accuracy) / test_images
    apart = np.abs(accuracy[every.first] - accuracy[every.second]) > errors_apart * np.sqrt(
        variance[every.first] + variance[every.second]
    )
    errors = (1 + every.order(values) * every.order(accuracy)) / 2
    codes = settings.groupby(list(settings.columns), sort=False).ngroup().to_numpy()
    distinct = settings.drop_duplicates().to_dict("records")
    lower, upper = (side(codes[every.first], codes[every.second]) for side in (np.minimum, np.maximum))
    rows = []
    for one, other in combinations(range(len(distinct)), 2):
        differ = [name for name in settings if distinct[one][name] != distinct[other][name]]
        if len(differ) == 1:
            members = (lower == one) & (upper == other)
            told = errors[members & apart]
            name = _environment(differ[0], distinct[one], distinct[other])
            share = told.mean() if told.size else np.nan
            rows.append((differ[0], name, int(members.sum()), share, told.size))
    return pd.DataFrame(rows, columns=["axis", "environment", "pairs", "sign_error", "told_apart"])


def worst(found: pd.DataFrame) -> tuple[float, str]:
    """The largest sign error of all environments, and the first that has it; NaN and nothing without any.

    Args:
        found: from `environments`.
    """
    known = found[found["sign_error"].notna()]
    if known.empty:
        return np.nan, ""
    row = known.sort_values("sign_error", ascending=False, kind="stable").iloc[0]
    return float(row["sign_error"]), str(row["environment"])


def granulated(settings: pd.DataFrame, values: Array, accuracy: Array) -> Mapping[str, float]:
    r"""Mean tau over solutions that differ in one choice, for each choice (Jiang et al. 2020, arXiv 1912.02178).

    .. math:: \psi_i = \frac{1}{m_i} \sum_{\theta_j, j \ne i} \tau\left(\cup_{\theta_i} \{(x, y)\}\right)

    Here tau is tau-b, since accuracies tie, over pairs whose choice i differs; settings of the others in which it is
    not defined do not count.

    Args:
        settings: as in `environments`.
        values: as in `environments`.
        accuracy: as in `environments`.

    Returns:
        For each choice its mean; NaN where it never varies alone. Their mean is the paper's Psi.
    """
    return {axis: _granule(settings, axis, values, accuracy) for axis in map(str, settings.columns)}


def mean_of(coefficients: Mapping[str, float]) -> float:
    """The mean over the choices that vary; NaN without any."""
    known = [value for value in coefficients.values() if not np.isnan(value)]
    return float(np.mean(known)) if known else np.nan


def _granule(settings: pd.DataFrame, axis: str, values: Array, accuracy: Array) -> float:
    others = settings.drop(columns=axis)
    # Without another choice all solutions are in one group.
    fixed = others.assign(all=0).groupby([*others.columns, "all"], sort=False).ngroup().to_numpy()
    choice = settings[axis].to_numpy()
    found = []
    for group in np.unique(fixed):
        members = np.flatnonzero(fixed == group)
        every = pairs(members.size)
        varies = choice[members][every.first] != choice[members][every.second]
        found.append(tau(*(every.order(one[members])[varies] for one in (values, accuracy))).item())
    known = [value for value in found if not np.isnan(value)]
    return float(np.mean(known)) if known else np.nan


def _environment(axis: Hashable, first: Mapping[Hashable, object], second: Mapping[Hashable, object]) -> str:
    """The same whichever of the two comes first."""
    sides = " and ".join(sorted((str(first[axis]), str(second[axis]))))
    others = ", ".join(str(value) for name, value in first.items() if name != axis)
    return f"{sides}: {others}" if others else sides
