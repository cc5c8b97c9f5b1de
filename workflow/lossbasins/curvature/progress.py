"""How far a long computation has come, told to whoever asks."""

from collections.abc import Callable

from torch import Tensor

Progress = Callable[[int, int], None]
"""Called with what is done and with what will be at most: products, or samples."""


def counted(product: Callable[[Tensor], Tensor], total: int, progress: Progress | None) -> Callable[[Tensor], Tensor]:
    """A product with vectors (P,) or blocks (P, K) that tells the columns multiplied so far, out of a total."""
    if progress is None:
        return product
    done = 0

    def telling(vectors: Tensor) -> Tensor:
        nonlocal done
        image = product(vectors)
        done += 1 if vectors.dim() == 1 else vectors.shape[1]
        progress(done, max(done, total))
        return image

    return telling
