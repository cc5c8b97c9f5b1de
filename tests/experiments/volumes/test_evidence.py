from lossbasins.experiments.volumes.evidence import volume
from tests.experiments.volumes.frames import volume_frames


def test_correlations_come_under_each_protocol_with_and_without_the_loss_held_fixed():
    _, table = volume_frames()
    found = volume(table, 0.95)
    protocols = ("raw", "interpolated", "matched")
    assert [one.where for one in found] == [
        f"{protocol}{given}" for protocol in protocols for given in ("", ", at fixed loss")
    ]
    assert found[0].value == table.iloc[0]["tau"]
