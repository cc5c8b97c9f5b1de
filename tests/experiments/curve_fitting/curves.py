"""A small fit of a cubic."""

from functools import cache

from lossbasins.experiments.curve_fitting.fit import Curve, kernel_curve, network_curve
from lossbasins.experiments.curve_fitting.specs import CurveAttack, CurveFittingChoices

CHOICES = {
    "cubic": (0.5, -1, 0, 2),
    "interval": (-1, 1),
    "points": (-0.8, -0.3, 0.1, 0.9),
    "depths": (1, 2),
    "width": 20,
    "attack": CurveAttack(depth=2, points=(-0.5, 0.5), shift=1),
    "learning_rate": 0.01,
    "steps": 5000,
    "target_error": 1e-4,
    "orders": (2, 3, 8),
    "ridge": 1e-8,
}


def choices(**changes: object) -> CurveFittingChoices:
    return CurveFittingChoices(**CHOICES | changes)


@cache
def fitted() -> tuple[Curve, ...]:
    """Two starts of each network, then the kernels; the one of order 2 cannot interpolate."""
    networks = [(depth, False) for depth in CHOICES["depths"]] + [(2, True)]
    curves = [
        network_curve(choices(), depth, replica, 10 + replica, attacked=attacked)
        for depth, attacked in networks
        for replica in range(2)
    ]
    return (*curves, *(kernel_curve(choices(), order) for order in CHOICES["orders"]))
