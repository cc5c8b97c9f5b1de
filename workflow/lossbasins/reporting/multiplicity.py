"""Many tests at once: permutations within strata, and p-values that are corrected together."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def permuted(values: Array, strata: npt.ArrayLike, scores: Array) -> Array:
    """Values in other orders, each within its stratum.

    Subsets of solutions that are permuted by parts of the same scores are permuted together: what depends on both stays
    so.

    Args:
        values: shape (N,).
        strata: shape (N,), the stratum of each.
        scores: shape (B, N), independent and uniform: each row makes an order.

    Returns:
        Shape (B, N).
    """
    groups = np.asarray(strata)
    result = np.empty_like(scores)
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        result[:, members] = values[members][np.argsort(scores[:, members], axis=1)]
    return result


def p_values(observed: Array, null: Array) -> Array:
    """Two-sided p of each statistic by itself, its own value counted among those of the permutations.

    Args:
        observed: shape (H,).
        null: shape (B, H), under permutations.

    Returns:
        Shape (H,).
    """
    beyond = np.abs(null) >= np.abs(observed) - _rounding(null)
    result: Array = (1 + beyond.sum(axis=0)) / (1 + len(null))
    return result


def step_down(observed: Array, null: Array) -> Array:
    r"""Two-sided p-values that hold together: the step-down maxima of Romano and Wolf (2005, JASA 100:94).

    Statistics are divided by their spread under permutation. With them in falling order of size, and the same
    permutations for all,

    .. math:: p_{(j)} = \max_{i \le j} \frac{1 + \#\{b: \max_{l \ge i} T^b_{(l)} \ge T_{(i)}\}}{1 + B}.

    Args:
        observed: shape (H,), finite.
        null: shape (B, H), finite.

    Returns:
        Shape (H,).
    """
    spread = null.std(axis=0)
    scale = np.where(spread > 0, spread, 1)
    sizes, drawn = np.abs(observed) / scale, np.abs(null) / scale
    order = np.argsort(-sizes, kind="stable")
    # The maximum over this statistic and all smaller ones.
    largest = np.maximum.accumulate(drawn[:, order[::-1]], axis=1)[:, ::-1]
    beyond = largest >= sizes[order] - _rounding(drawn)
    result = np.empty(observed.size)
    result[order] = np.maximum.accumulate((1 + beyond.sum(axis=0)) / (1 + len(null)))
    return result


def _rounding(values: Array) -> float:
    """What equal statistics may differ by, since their sums run in other orders."""
    return 1e-12 * float(np.abs(values).max(initial=1))
