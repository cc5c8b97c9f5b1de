"""Whether chains agree, and how many independent draws they are worth (Vehtari et al. 2021, sections 2 and 3)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def split_r_hat(chains: ArrayLike) -> float:
    r"""Potential scale reduction of chains that are cut in halves; near 1 where all halves agree.

    .. math:: \hat R = \sqrt{\frac{B / W + n - 1}{n}},

    with n draws in each half, W the mean of the halves' variances, and B n times the variance of their means.

    Args:
        chains: shape (chains, draws), four draws or more.
    """
    halves = _halves(chains)
    n = halves.shape[1]
    within = halves.var(axis=1, ddof=1).mean()
    between = n * halves.mean(axis=1).var(ddof=1)
    if within == 0:
        return 1.0 if between == 0 else float("inf")
    return float(np.sqrt((between / within + n - 1) / n))


def effective_samples(chains: ArrayLike) -> float:
    r"""Number of independent draws with the same error of the mean.

    Autocorrelations of split chains, joined as in `split_r_hat`, so that chains that disagree are worth little; summed
    by Geyer's initial monotone sequence: pairs of neighbouring lags, as long as they are positive, none larger than the
    one before.

    Args:
        chains: shape (chains, draws), four draws or more.

    Returns:
        At most the number of draws times its decimal logarithm, which antithetic chains may reach.
    """
    halves = _halves(chains)
    count, n = halves.shape
    covariances = _autocovariances(halves).mean(axis=0)
    within = covariances[0] * n / (n - 1)
    total = covariances[0] + halves.mean(axis=1).var(ddof=1)
    if total == 0:
        return float(count * n)
    correlations = 1 - (within - covariances) / total
    correlations[0] = 1
    pairs = correlations[: n - n % 2].reshape(-1, 2).sum(axis=1)
    positive = pairs[: int(np.argmax(pairs <= 0))] if (pairs <= 0).any() else pairs
    time = 2 * np.minimum.accumulate(positive).sum() - 1 if positive.size else 1.0
    draws = count * n
    return float(draws / max(time, 1 / np.log10(draws)))


def _halves(chains: ArrayLike) -> NDArray[np.float64]:
    values = np.atleast_2d(np.asarray(chains, dtype=np.float64))
    if values.shape[1] < 4:
        raise ValueError(f"{values.shape[1]} draws: diagnostics need four or more")
    half = values.shape[1] // 2
    return np.concatenate([values[:, :half], values[:, -half:]])


def _autocovariances(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each row at each lag, by Fourier transform, divided by the number of draws."""
    n = values.shape[1]
    spectrum = np.fft.rfft(values - values.mean(axis=1, keepdims=True), 2 * n)
    covariances: NDArray[np.float64] = np.fft.irfft(np.abs(spectrum) ** 2, 2 * n)[:, :n] / n
    return covariances
