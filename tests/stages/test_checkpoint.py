import pytest
import torch

from lossbasins.stages import checkpoint as module
from lossbasins.stages.checkpoint import Checkpoint

STATE = {
    "epoch": 3,
    "losses": [0.1, float("nan"), None, True, "stuck"],
    "orders": {0: {"left": torch.arange(3)}, 7: [torch.zeros(0, dtype=torch.int64)]},
    "weights": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
}


@pytest.fixture
def said():
    return []


def checkpoint(folder, said, identity="a", seconds=0.0):
    return Checkpoint(folder / ".train.state", identity, seconds, said.append)


def test_what_is_saved_comes_back(tmp_path, said):
    checkpoint(tmp_path, said).save_if_due(lambda: STATE)
    found = checkpoint(tmp_path, said).load()
    assert found["epoch"] == 3
    assert str(found["losses"]) == str(STATE["losses"])
    assert torch.equal(found["orders"][0]["left"], torch.arange(3))
    assert found["orders"][7][0].dtype == torch.int64
    assert torch.equal(found["weights"], STATE["weights"])
    assert "going on from" in said[-1]


def test_nothing_is_saved_before_it_is_due(tmp_path, said):
    checkpoint(tmp_path, said, seconds=1e9).save_if_due(lambda: STATE)
    assert list(tmp_path.iterdir()) == []
    assert checkpoint(tmp_path, said).load() is None
    assert said == []


def test_the_state_of_another_job_is_refused_with_a_line(tmp_path, said):
    checkpoint(tmp_path, said, identity="b").save_if_due(lambda: STATE)
    assert checkpoint(tmp_path, said).load() is None
    assert "the state of other code, settings or inputs; starting anew" in said[-1]


@pytest.mark.parametrize("damage", [b"", b"not a state", None])
def test_a_damaged_state_is_refused_with_a_line(tmp_path, said, damage):
    checkpoint(tmp_path, said).save_if_due(lambda: STATE)
    path = tmp_path / ".train.state"
    path.write_bytes(path.read_bytes()[:-9] if damage is None else damage)
    assert checkpoint(tmp_path, said).load() is None
    assert "no saved state; starting anew" in said[-1]


def test_a_state_that_cannot_be_written_leaves_the_one_before(tmp_path, said, monkeypatch):
    checkpoint(tmp_path, said).save_if_due(lambda: STATE)

    def full_disk(_, path, __):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "save_file", full_disk)
    with pytest.raises(OSError, match="No space left"):
        checkpoint(tmp_path, said).save_if_due(lambda: {"epoch": 4})
    assert [path.name for path in tmp_path.iterdir()] == [".train.state"]
    assert checkpoint(tmp_path, said).load()["epoch"] == 3
