"""Pairs of solutions, the orders that quantities put them in, and Kendall's coefficients of such orders."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Total = Callable[[Array], Array]
"""Sums what pairs have, shape (P,) or (B, P), over the pairs of one sample or of B samples."""

ROUNDING = 1e-12
"""Share of pairs that counts as none."""
BLOCK = 2**20
"""Signs of resampled pairs that are held at a time."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of N solutions that a coefficient counts, each once."""

    first: npt.NDArray[np.intp]
    """Shape (P,)."""
    second: npt.NDArray[np.intp]
    """Shape (P,)."""

    @property
    def number(self) -> int:
        """P."""
        return self.first.size

    def order(self, values: Array) -> Array:
        """Which of a pair is larger, as a sign: shape (..., N) to (..., P)."""
        return np.sign(values[..., self.first] - values[..., self.second])

    def total(self, counts: Array) -> Total:
        """Over samples that have solution i `counts[:, i]` times, shape (B, N): each pair as often as they have it."""
        return _Resampled(self, counts).total


def once(signs: Array) -> Array:
    """The `Total` of the one sample that has every solution once."""
    return np.asarray(signs.sum(axis=-1))


@dataclass(frozen=True)
class _Resampled:
    pairs: Pairs
    counts: Array

    def total(self, signs: Array) -> Array:
        """What all samples have in common is a quadratic form of their counts."""
        if signs.ndim > 1:
            return np.asarray((self._weights * signs).sum(axis=-1))
        form = np.zeros((self.counts.shape[-1],) * 2)
        form[self.pairs.first, self.pairs.second] = signs
        return np.asarray(((self.counts @ form) * self.counts).sum(axis=-1))

    @cached_property
    def _weights(self) -> Array:
        return self.counts[:, self.pairs.first] * self.counts[:, self.pairs.second]


def pairs(solutions: int) -> Pairs:
    """All pairs of that many solutions."""
    return Pairs(*np.triu_indices(solutions, 1))


def pairs_within(groups: npt.ArrayLike) -> Pairs:
    """Pairs of one group.

    Args:
        groups: shape (N,), the group of each solution.
    """
    names = np.asarray(groups)
    every = pairs(names.size)
    chosen = names[every.first] == names[every.second]
    return Pairs(every.first[chosen], every.second[chosen])


def blocks(samples: int, chosen: Pairs) -> Iterator[slice]:
    """All samples in parts, so that the signs of their pairs take little memory."""
    step = max(1, BLOCK // max(1, chosen.number))
    yield from (slice(start, start + step) for start in range(0, samples, step))


def tau(first: Array, second: Array, total: Total = once) -> Array:
    r"""Kendall's tau-b over weighted pairs.

    With the signs :math:`s_p` and :math:`t_p` of a pair and its weight :math:`c_p`,

    .. math:: \tau_b = \frac{\sum_p c_p s_p t_p}{\sqrt{\sum_p c_p |s_p| \, \sum_p c_p |t_p|}}.

    Over all pairs it is the usual coefficient; over those within groups one that is pooled over the groups.

    Args:
        first: signs, shape (P,) or (B, P).
        second: signs, shape (P,) or (B, P).
        total: what :math:`\sum_p c_p` stands for.

    Returns:
        Shape (B,), or () for one sample; NaN where a denominator vanishes.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Array = total(first * second) / np.sqrt(total(np.abs(first)) * total(np.abs(second)))
    return result


def partial(xy: Array, xz: Array, yz: Array) -> Array:
    r"""Kendall's partial coefficient of x and y, z held fixed.

    .. math:: \tau_{xy|z} = \frac{\tau_{xy} - \tau_{xz} \tau_{yz}}{\sqrt{(1 - \tau_{xz}^2) (1 - \tau_{yz}^2)}}

    It need not vanish where x and y have nothing but z in common: see `excess`.

    Args:
        xy: tau of x and y, any shape.
        xz: tau of x and z, the same shape.
        yz: tau of y and z, the same shape.

    Returns:
        The same shape, NaN where z fixes an order.
    """
    return _over_what_is_left(xy - xz * yz, xz, yz)


def excess(xy: Array, xz: Array, yz: Array) -> Array:
    r"""How far tau of x and y is beyond what their tau with z explains, in the units of `partial`.

    Of normal variables, and of all that rise with such, :math:`\tau = (2 / \pi) \arcsin r`. If x and y are independent
    given z then :math:`r_{xy} = r_{xz} r_{yz}`, so that :math:`\tau_{xy}` is not :math:`\tau_{xz} \tau_{yz}` but

    .. math:: \tau^* = \frac{2}{\pi} \arcsin\left(\sin \frac{\pi \tau_{xz}}{2} \sin \frac{\pi \tau_{yz}}{2}\right),

    which takes the place of the product. Arguments and result are as in `partial`.
    """
    explained = 2 / np.pi * np.arcsin(np.sin(np.pi * xz / 2) * np.sin(np.pi * yz / 2))
    return _over_what_is_left(xy - explained, xz, yz)


def taus_of(orders: Sequence[Array], total: Total = once) -> tuple[Array, Array, Array]:
    """Tau of the first and second, the first and third, the second and third of three orders."""
    x, y, z = orders
    return tau(x, y, total), tau(x, z, total), tau(y, z, total)


def _over_what_is_left(numerator: Array, xz: Array, yz: Array) -> Array:
    left = (1 - xz**2) * (1 - yz**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Array = np.where(left > ROUNDING, numerator / np.sqrt(left), np.nan)
    return result
