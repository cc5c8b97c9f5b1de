"""A pretend GPU, to rehearse on a CPU what only runs where there is a GPU.

The device itself is a module outside of this project, named on the command line: its `Pretend` is a mode of torch in
which CPU data say that they are on `cuda:0` and refuse what CUDA refuses. Here is the rest of a machine with a GPU.
"""

import contextlib
import importlib.util
import sys
from types import SimpleNamespace
from unittest import mock

import torch


class Flags(dict):
    """What the device asks at each convolution."""

    def __missing__(self, flag):
        return flag == "tf32" and torch.backends.cudnn.conv.fp32_precision == "tf32"


MEMORY = 2 * 2**30
"""Bytes."""

NAME = "pretended"


@contextlib.contextmanager
def pretended_gpu(path, free=MEMORY):
    """A machine that seems to have a GPU.

    Args:
        path: of the module of the device.
        free: bytes of its memory that nobody uses.
    """
    # The device lets modules take new parameters where they move; afterwards they move as they did.
    overwrite = torch.__future__.get_overwrite_module_params_on_conversion()
    specification = importlib.util.spec_from_file_location("pretended_device", path)
    device = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = device
    specification.loader.exec_module(device)
    device.FLAGS = Flags()
    properties = SimpleNamespace(name=NAME, total_memory=MEMORY, multi_processor_count=1, major=9, minor=0)
    answers = {
        "is_available": True,
        "device_count": 1,
        "current_device": 0,
        "get_device_name": NAME,
        "get_device_properties": properties,
        "get_device_capability": (properties.major, properties.minor),
        "mem_get_info": (free, MEMORY),
        "memory_allocated": 0,
        "max_memory_allocated": 0,
        "reset_peak_memory_stats": None,
        "synchronize": None,
        "empty_cache": None,
        "is_current_stream_capturing": False,
        "get_rng_state": torch.zeros(16, dtype=torch.uint8),
    }
    with contextlib.ExitStack() as machine:
        machine.callback(torch.__future__.set_overwrite_module_params_on_conversion, overwrite)
        for name, answer in answers.items():
            machine.enter_context(mock.patch.object(torch.cuda, name, return_value=answer))
        # Optimizers ask the accelerator whether a graph is being captured, which would look for a driver.
        machine.enter_context(mock.patch.object(torch.accelerator, "current_accelerator", return_value=None))
        machine.enter_context(mock.patch.object(torch.UntypedStorage, "data_ptr", _address))
        machine.enter_context(device.Pretend())
        yield


def _address(storage):
    """Of a storage or, since a pretend tensor's has none, of what stands for it: no two share one."""
    try:
        return torch._C.StorageBase.data_ptr(storage)
    except RuntimeError:
        return storage._cdata
