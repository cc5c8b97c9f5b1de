import stat

import pytest
import torch

from lossbasins.provenance.gpu import float32_products, gpu
from tests.pretend import pretend_gpu


@pytest.fixture
def nvidia_smi(tmp_path, monkeypatch):
    """A program of that name that prints a text."""

    def write(text):
        path = tmp_path / "nvidia-smi"
        path.write_text(f"#!/bin/sh\nprintf '{text}'\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")

    return write


@pytest.mark.parametrize(("told", "driver"), [("580.65.06\\n580.65.06\\n", "580.65.06"), ("", None)])
def test_the_driver_is_the_one_that_nvidia_smi_tells(nvidia_smi, told, driver):
    nvidia_smi(told)
    with pretend_gpu():
        assert gpu().driver == driver


def test_without_nvidia_smi_no_driver_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pretend_gpu():
        found = gpu()
    assert found.driver is None
    assert found.cuda == torch.version.cuda


@pytest.fixture
def exact():
    """No product is rounded; as it was, afterwards."""
    before = [products.fp32_precision for products in float32_products()]
    for products in float32_products():
        products.fp32_precision = "ieee"
    yield
    for products, precision in zip(float32_products(), before, strict=True):
        products.fp32_precision = precision


@pytest.mark.usefixtures("exact")
@pytest.mark.parametrize("place", range(3))
def test_tf32_is_told_wherever_it_is_on(place):
    with pretend_gpu():
        assert not gpu().tf32
        float32_products()[place].fp32_precision = "tf32"
        assert gpu().tf32
