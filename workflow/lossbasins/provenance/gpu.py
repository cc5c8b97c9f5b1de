"""What a job on a GPU computes with besides the package's own versions."""

import subprocess
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

SECONDS_TO_ANSWER = 10


class Gpu(BaseModel):
    """The software behind a GPU, and whether it rounded."""

    model_config = ConfigDict(frozen=True)
    cuda: str | None
    """That torch was built with."""
    cudnn: str | None
    driver: str | None
    """As nvidia-smi prints it, such as 580.65.06; None where it did not answer."""
    tf32: bool
    """Whether products of float32 numbers could be rounded to TF32, which keeps ten binary digits."""


def gpu() -> Gpu:
    """What this process computes with on its GPU."""
    import torch

    cudnn = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]
    return Gpu(
        cuda=torch.version.cuda,
        cudnn=None if cudnn is None else str(cudnn),
        driver=_driver(),
        tf32=any(products.fp32_precision == "tf32" for products in float32_products()),
    )


def float32_products() -> Sequence[Any]:
    """What torch may round to TF32, each by its `fp32_precision`: matrix products, convolutions, recurrent layers."""
    import torch

    backends: Any = torch.backends
    return backends.cuda.matmul, backends.cudnn.conv, backends.cudnn.rnn


def _driver() -> str | None:
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS_TO_ANSWER)
        return done.stdout.split()[0]
    except (OSError, IndexError, subprocess.SubprocessError):
        return None
