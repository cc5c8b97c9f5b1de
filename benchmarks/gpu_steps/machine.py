"""Versions, and the card with its two ceilings: a large copy, and large products."""

import platform

import torch

from gpu_steps.setting import DEVICE
from gpu_steps.timing import arithmetic, seconds_of
from lossbasins.provenance.fingerprint import version_of
from lossbasins.provenance.gpu import gpu

PACKAGES = ("torch", "numpy", "scipy", "pandas", "pydantic", "safetensors", "curvlinops-for-pytorch")
GIBIBYTE = 2**30


def run(setting, report):
    """Names first, then rates."""
    card = torch.cuda.get_device_properties(0)
    report("card", card.name, note=f"{card.total_memory / GIBIBYTE:.0f} GiB, {card.multi_processor_count} processors")
    software = gpu()
    report.measured("driver", software.driver, note=f"CUDA {software.cuda}, cuDNN {software.cudnn}")
    versions = [f"{name} {version_of(name) or 'missing'}" for name in PACKAGES]
    report("Python", platform.python_version(), note=", ".join(versions))
    source = torch.ones(setting.size(2**30, 2**10), device=DEVICE)
    target = torch.empty_like(source)
    seconds = seconds_of(lambda: target.copy_(source))
    report.measured("copy, read and written", 2 * source.nbytes / seconds / 1e12, "TB/s")
    size = setting.size(8192, 64)
    for name in ("float64", "float32", "TF32", "bfloat16"):
        with arithmetic(tf32=name == "TF32"):
            factor = torch.randn(size, size, dtype=getattr(torch, name, torch.float32)).to(DEVICE)
            seconds = seconds_of(lambda factor=factor: factor @ factor)
        report.measured(f"product of matrices, {name}", 2 * size**3 / seconds / 1e12, "TFLOP/s")
