"""Numbers from the arrays of `thermodynamic_integration`, where its chains can be trusted."""

import math
from collections.abc import Sequence

import numpy as np

from lossbasins.measures.solution import Arrays, Measured, Solution

R_HAT = 1.2
"""From it on chains have not met."""

EFFECTIVE_SAMPLES = 20
"""With fewer, of both chains together, errors are not known either."""

ERROR = 4.0
"""In nats: with a larger one a value says little beside differences of some ten nats."""


def free_energy(solution: Solution, scale: float) -> Measured:
    """F(n) at a prior scale: the mean of both chains; missing where they cannot be trusted."""
    found = solution.arrays["thermodynamic_integration"]
    number = _number_of(scale, found)
    if number is None:
        return Measured.missing(f"no prior scale {scale:g} was sampled")
    rungs = range(len(found["inverse_temperatures"]))
    return _accurate(_joined(found, number, "free_energy", rungs, len(rungs) - 1))


def learning_coefficient(solution: Solution, scale: float) -> Measured:
    """B E_b[dL] at b = n / log n, between the inverse temperatures beside it, linear in ln b."""
    found = solution.arrays["thermodynamic_integration"]
    number = _number_of(scale, found)
    if number is None:
        return Measured.missing(f"no prior scale {scale:g} was sampled")
    b = found["inverse_temperatures"]
    n = b[-1]
    wanted = n / np.log(n) if n > 1 else math.inf
    if not b[0] <= wanted <= n:
        return Measured.missing(
            f"n / log n of {wanted:.3g} lies outside the inverse temperatures {b[0]:.3g} to {n:.3g}"
        )
    place = float(np.interp(np.log(wanted), np.log(b), np.arange(len(b))))
    below, share = int(place), place - int(place)
    ends = [_joined(found, number, "excess_loss", [rung], rung) for rung in (below, below + 1)]
    low, high = (
        (b[rung] * end.value, b[rung] * end.standard_error) for rung, end in zip((below, below + 1), ends, strict=True)
    )
    measured = Measured(
        (1 - share) * low[0] + share * high[0],
        math.hypot((1 - share) * low[1], share * high[1]),
        ends[0].gradients,
        ends[0].reason or ends[1].reason,
    )
    return _accurate(measured)


def _number_of(scale: float, found: Arrays) -> int | None:
    places = np.flatnonzero(np.isclose(found["prior_scales"].astype(float), scale))
    return int(places[0]) if places.size else None


def _joined(found: Arrays, number: int, name: str, rungs: Sequence[int], rung: int) -> Measured:
    """The mean of both chains at one rung; missing where some of the rungs that it rests on cannot be trusted.

    That is where chains have not converged, and where the mean of dL is negative: the solution is no minimum, and the
    rule of integration errs beyond the stated error.

    Its error is the larger of what both chains state and of half their difference.
    """
    gradients = int(found["gradients"][number])
    for below in rungs:
        b = found["inverse_temperatures"][below]
        r_hat, samples = found["r_hat"][number, below], found["effective_samples"][number, below]
        if not r_hat < R_HAT:
            return Measured.missing(f"R-hat {r_hat:.2f} at inverse temperature {b:.3g}", gradients)
        if not samples >= EFFECTIVE_SAMPLES:
            return Measured.missing(f"{samples:.0f} effective samples at {b:.3g}", gradients)
        excess = float(found["excess_loss"][number, :, below].mean())
        if excess < 0:
            return Measured.missing(f"a mean dL of {excess:.3g} at {b:.3g}: no minimum", gradients)
    values, errors = found[name][number, :, rung], found[f"{name}_error"][number, :, rung]
    stated = float(np.linalg.norm(errors)) / len(errors)
    return Measured(float(values.mean()), max(stated, float(np.ptp(values)) / 2), gradients)


def _accurate(measured: Measured) -> Measured:
    """The same, or missing where its error in nats is too large."""
    if measured.standard_error > ERROR:
        return Measured.missing(f"an error of {measured.standard_error:.1f} nats", measured.gradients)
    return measured
