"""How many bytes intermediate values may take beside a matrix."""

import torch

LARGEST = 2**32
"""Bytes on a GPU at most: products are large enough by then."""


def workspace(device: torch.device, on_cpu: int) -> int:
    """As many bytes as given on a CPU, where caches matter; on a GPU a sixteenth of its memory, where launches do.

    Of all its memory, so that a card splits samples alike and gives the same digits whatever else runs on it; where it
    is nearly full, half of what is free.
    """
    if device.type != "cuda":
        return on_cpu
    free, total = torch.cuda.mem_get_info(device)
    return min(LARGEST, total // 16, free // 2)
