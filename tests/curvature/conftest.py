import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def _one_thread():
    """Tiny products gain nothing from threads, and lose much when test processes share the cores."""
    torch.set_num_threads(1)
