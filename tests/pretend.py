"""A pretend GPU: tensors that lie on `cuda:0` and refuse what CUDA refuses, though a CPU computes them."""

import contextlib
import importlib.util
from collections.abc import Iterator
from functools import cache
from types import ModuleType, SimpleNamespace
from unittest import mock

import pytest
import torch

from tests.configurations import ROOT

FILE = ROOT.parent / "shared/gpu/pretend.py"
NAME = "Pretend H100"
FREE, TOTAL = 60 * 2**30, 80 * 2**30
"""Bytes of memory."""


@contextlib.contextmanager
def pretend_gpu(free: int = FREE) -> Iterator[ModuleType]:
    """Lets torch see one GPU, whose convolutions round to TF32 where torch would let them; skips where it cannot.

    Args:
        free: bytes of the GPU's memory that nobody else uses.
    """
    device = _pretend()
    seen = {
        "is_available": lambda: True,
        "device_count": lambda: 1,
        "get_device_name": lambda *_: NAME,
        "get_device_properties": lambda *_: SimpleNamespace(name=NAME, total_memory=TOTAL),
        "get_device_capability": lambda *_: (9, 0),
        "mem_get_info": lambda *_: (free, TOTAL),
        "is_current_stream_capturing": lambda: False,
        "get_rng_state": lambda *_: torch.zeros(16, dtype=torch.uint8),
    }
    with contextlib.ExitStack() as stack:
        for name, answer in seen.items():
            stack.enter_context(mock.patch.object(torch.cuda, name, answer))
        # Optimizers would ask a driver whether its stream is being captured.
        stack.enter_context(mock.patch.object(torch.accelerator, "is_available", return_value=False))
        stack.enter_context(mock.patch.object(torch.UntypedStorage, "data_ptr", _address))
        overwrite = torch.__future__.get_overwrite_module_params_on_conversion()
        stack.callback(torch.__future__.set_overwrite_module_params_on_conversion, overwrite)
        torch.__future__.set_overwrite_module_params_on_conversion(True)
        stack.enter_context(device.Pretend())
        yield device


def _address(storage: torch.UntypedStorage) -> int:
    """Of a storage or, since a pretend tensor's has none, of what stands for it: no two share one."""
    try:
        return torch._C.StorageBase.data_ptr(storage)
    except RuntimeError:
        return storage._cdata


@cache
def _pretend() -> ModuleType:
    if not FILE.is_file():
        pytest.skip(f"no pretend GPU in {FILE}")
    specification = importlib.util.spec_from_file_location("pretend_device", FILE)
    device = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(device)
    torch.__future__.set_overwrite_module_params_on_conversion(False)
    device.FLAGS = _Flags()
    return device


class _Flags(dict):
    """What the pretend GPU asks whenever it computes a convolution."""

    def __getitem__(self, flag: str) -> bool:
        return flag == "tf32" and torch.backends.cudnn.conv.fp32_precision == "tf32"
