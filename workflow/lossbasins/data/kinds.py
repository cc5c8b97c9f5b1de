"""Kinds of data: what arrays of each hold, and in what form all parts of the study keep them.

Channels are last, so that images, signals and features are normalised alike: features are channels at one position.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Inputs = NDArray[np.uint8] | NDArray[np.int64] | NDArray[np.float64]
"""Of one kind, the first dimension counting them."""

MOST_CHANNELS = 4
"""More than this in the last axis of images means that channels are not last."""


class Kind(NamedTuple):
    """One kind of data."""

    items: str
    """What notes and errors call them."""
    arguments: tuple[str, ...]
    """What `build` of a network is given before the number of classes."""
    checked: Callable[[str, NDArray[Any]], Inputs]
    """The array of a field in the common form; raises ValueError with one line that begins with the field."""
    positions: int | None = 0
    """Dimensions between the first and that of the channels; None where there are no channels."""
    unit: float = 1.0
    """Values are divided by it."""

    def shape(self, parts: tuple[Inputs, ...]) -> tuple[int, ...]:
        """The values of `arguments`, for sets of inputs."""
        if self.positions is None:
            return 1 + max(int(part.max(initial=0)) for part in parts), parts[0].shape[1]
        *positions, channels = parts[0].shape[1:]
        return channels, *positions


def _images(field: str, values: NDArray[Any]) -> NDArray[np.uint8]:
    if values.dtype != np.uint8:
        nan = " with NaN" if values.dtype.kind in "fc" and np.isnan(values).any() else ""
        allowed = "uint8, from 0 to 255; other numbers are signals, features or tokens"
        raise ValueError(f"{field}: given dtype {values.dtype}{nan}; allowed: {allowed}")
    if values.ndim == 3:
        values = values[..., np.newaxis]
    if values.ndim != 4 or 0 in values.shape or values.shape[3] > MOST_CHANNELS:
        raise ValueError(
            f"{field}: given shape {values.shape}; allowed: (n, height, width) or (n, height, width, channels) "
            f"with n, height, width of at least 1 and 1 to {MOST_CHANNELS} channels"
        )
    return np.ascontiguousarray(values)


def _signals(field: str, values: NDArray[Any]) -> NDArray[np.float64]:
    if values.ndim == 2:
        values = values[:, np.newaxis]
    _check_shape(field, values, 3, "(n, length) or (n, channels, length)")
    return np.ascontiguousarray(np.moveaxis(_real(field, values), 1, -1))


def _features(field: str, values: NDArray[Any]) -> NDArray[np.float64]:
    _check_shape(field, values, 2, "(n, features)")
    return _real(field, values)


def _tokens(field: str, values: NDArray[Any]) -> NDArray[np.int64]:
    if values.dtype.kind not in "iu":
        raise ValueError(f"{field}: given dtype {values.dtype}; allowed: integers")
    _check_shape(field, values, 2, "(n, length)")
    outside = values[(values < 0) | (values > np.iinfo(np.int32).max)]
    if len(outside):
        raise ValueError(f"{field}: given token {outside[0]}; allowed: 0 to {np.iinfo(np.int32).max}")
    return values.astype(np.int64)


def _real(field: str, values: NDArray[Any]) -> NDArray[np.float64]:
    if values.dtype.kind not in "fiu":
        raise ValueError(f"{field}: given dtype {values.dtype}; allowed: real numbers")
    infinite = np.argwhere(~np.isfinite(values))
    if len(infinite):
        place = tuple(infinite[0].tolist())
        raise ValueError(f"{field}: given {values[place]} at {place}; allowed: finite numbers")
    return values.astype(np.float64)


def _check_shape(field: str, values: NDArray[Any], dimensions: int, allowed: str) -> None:
    if values.ndim != dimensions or 0 in values.shape:
        raise ValueError(f"{field}: given shape {values.shape}; allowed: {allowed}, each of at least 1")


KINDS: Mapping[str, Kind] = {
    "images": Kind("images", ("channels", "height", "width"), _images, positions=2, unit=255.0),
    "signals": Kind("signals", ("channels", "length"), _signals, positions=1),
    "features": Kind("rows", ("features",), _features),
    "tokens": Kind("sequences", ("vocabulary", "length"), _tokens, positions=None),
}
"""By the name that arrays of it have, as in `train_images`."""
