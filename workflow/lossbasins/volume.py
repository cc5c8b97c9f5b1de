"""The size of a basin, from the eigenvalues of the Hessian at its bottom."""

import numpy as np
from numpy.typing import ArrayLike


def log_inverse_volume(eigenvalues: ArrayLike, k: int) -> float:
    r"""Logarithm of the inverse basin volume, from the top of a Hessian spectrum.

    Implements equation (8), section 5.2:

    .. math:: \log V^{-1}(k) = \sum_{i \le k} \log \lambda_i,

    where :math:`\lambda_1 \ge \lambda_2 \ge \dots` are the eigenvalues of the Hessian of the mean training loss.

    Args:
        eigenvalues: shape (P,), in any order, in loss units per squared parameter unit.
        k: how many of the largest to multiply, 1 <= k <= number of positive eigenvalues.

    Returns:
        Natural logarithm; larger means a sharper, smaller basin.

    Raises:
        ValueError: fewer than k eigenvalues are positive, or some are not finite.

    Example:
        >>> log_inverse_volume([1.0, np.e, -2.0], k=2)
        1.0
    """
    values = np.asarray(eigenvalues, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("some eigenvalues are not finite")
    positive = np.sort(values[values > 0])[::-1]
    if not 1 <= k <= positive.size:
        raise ValueError(
            f"k={k}, but only {positive.size} eigenvalues are positive: choose k from 1 to {positive.size}"
        )
    return float(np.log(positive[:k]).sum())
