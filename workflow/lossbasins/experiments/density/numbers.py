"""Largest eigenvalues and spectral densities in numbers (E5)."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from lossbasins.quadrature import SpectralDensity
from lossbasins.reporting.formats import Column, Printed, percent, significant
from lossbasins.reporting.roles import roles
from lossbasins.reporting.solutions import Label, data_note, left_out_note, solutions, with_measurement
from lossbasins.reporting.spectrum import Spectra

POINTS = 400
"""Of a curve."""
BEYOND = 4.0
"""Widths that a curve goes on beyond the outermost node."""


def density_table(
    labels: Sequence[Label], evaluations: Sequence[pd.DataFrame], measured: Sequence[Spectra]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The spectrum of every solution in numbers, and those of a good and a bad one as curves.

    Args:
        labels: the columns that identify each run.
        evaluations: one per run, in the same order; see `solutions`.
        measured: one per run, arrays of the measure `spectral_density` with `replica` (R,), every fitted replica.

    Returns:
        One row per replica, with `largest` (eigenvalue), `residual` (largest |H v - lambda v| over the largest
        eigenvalue), `trace` and `frobenius_norm` with their standard errors, `smallest` (node of the quadrature: the
        smallest eigenvalue is at most that), `probes` (of the quadrature), `role` (good and bad: the highest and the
        lowest test accuracy) and `left_out`; role, eigenvalue, density (eigenvalues per unit) and standard_error; role,
        rank and eigenvalue of the largest.

    Raises:
        ValueError: a fitted replica was not measured.
    """
    frame = solutions(labels, evaluations)
    frame = with_measurement(
        frame, labels, [pd.DataFrame(list(_numbers(run)), columns=NUMBERS) for run in measured], "left_out"
    )
    frame["role"] = roles(frame["test_accuracy"], frame["left_out"]).replace("middling", pd.NA)
    chosen = [
        (role, measured[row["run"]], row["replica"])
        for role in ("good", "bad")
        for row in frame[frame["role"] == role].to_dict("records")
    ]
    curves = [_curve(run, replica).assign(role=role) for role, run, replica in chosen]
    largest = [
        pd.DataFrame({"role": role, "rank": np.arange(1, values.size + 1), "eigenvalue": values})
        for role, run, replica in chosen
        for values in [run["largest"][run["replica"] == replica][0]]
    ]
    nothing = pd.DataFrame(columns=["role", "eigenvalue", "density", "standard_error"])
    return (
        frame.drop(columns="run"),
        pd.concat(curves)[nothing.columns] if curves else nothing,
        pd.concat(largest) if largest else pd.DataFrame(columns=["role", "rank", "eigenvalue"]),
    )


NUMBERS = [
    "replica",
    "largest",
    "residual",
    "trace",
    "trace_error",
    "frobenius_norm",
    "frobenius_error",
    "smallest",
    "probes",
    "reason",
]


def _numbers(run: Spectra) -> Iterator[tuple[int | float | None, ...]]:
    for place, replica in enumerate(run["replica"]):
        largest, density = np.asarray(run["largest"][place], dtype=np.float64), _density(run, place)
        (trace, trace_error), (square, square_error) = density.moment(1), density.moment(2)
        norm = np.sqrt((largest**2).sum() + square)
        yield (
            int(replica),
            largest[0],
            np.max(run["residuals"][place]) / np.abs(largest).max(),
            largest.sum() + trace,
            trace_error,
            norm,
            square_error / (2 * norm),
            min(nodes[0] for nodes in density.nodes),
            len(density.nodes),
            None,
        )


def _density(run: Spectra, place: int) -> SpectralDensity:
    nodes, weights = (np.asarray(run[name][place], dtype=np.float64) for name in ("nodes", "weights"))
    # Where a probe had fewer nodes, zeros of no weight follow.
    kept = [row > 0 for row in weights]
    return SpectralDensity(
        [row[some] for row, some in zip(nodes, kept, strict=True)],
        [row[some] for row, some in zip(weights, kept, strict=True)],
        int(run["count"][place]),
        nodes.shape[1],
        0,
    )


def _curve(run: Spectra, replica: int) -> pd.DataFrame:
    density = _density(run, int(np.flatnonzero(run["replica"] == replica)[0]))
    low, high = min(nodes[0] for nodes in density.nodes), max(nodes[-1] for nodes in density.nodes)
    points = np.linspace(low - BEYOND * density.resolution, high + BEYOND * density.resolution, POINTS)
    values, errors = density.evaluate(points)
    return pd.DataFrame(
        {"eigenvalue": points, "density": values * density.count, "standard_error": errors * density.count}
    )


def printed_density(frame: pd.DataFrame) -> Printed:
    """The two chosen solutions.

    Args:
        frame: one row per replica, from `density_table`.
    """
    chosen = pd.concat([frame[frame["role"] == role] for role in ("good", "bad")])
    columns = [
        Column("role", "solution"),
        Column("optimizer", "optimizer"),
        Column("attack", "attack"),
        Column("replica", "replica"),
        Column("test_accuracy", "test accuracy (%)", percent),
        Column("train_loss", "training loss L_S", significant(3)),
        Column("weight_norm", "|w|", significant(3)),
        Column("largest", "largest eigenvalue", significant(3)),
        Column("trace", "trace", significant(3)),
        Column("trace_error", "its error", significant(2)),
        Column("frobenius_norm", "Frobenius norm", significant(3)),
        Column("frobenius_error", "its error", significant(2)),
        Column("smallest", "smallest node", significant(2)),
        Column("probes", "probes", significant(3)),
    ]
    note = (
        f"Highest and lowest test accuracy among {left_out_note(frame['left_out'])}. Eigenvalues of the Hessian of the "
        f"mean training loss: the largest by Lanczos, all others by stochastic Lanczos quadrature, whose errors "
        "are the spread of its probes, and of few are hardly known; the smallest eigenvalue is at most its smallest "
        f"node. {data_note(frame)}."
    )
    return Printed(chosen, columns, note)
