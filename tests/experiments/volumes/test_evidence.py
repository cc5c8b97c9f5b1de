from lossbasins.experiments.volumes.evidence import volume
from tests.experiments.volumes.frames import volume_frames


def test_correlations_come_under_each_protocol_with_the_loss_held_fixed_where_it_is_not_one():
    _, table = volume_frames()
    found = volume(table, 0.95)
    given = [f"{protocol}{loss}" for protocol in ("raw", "interpolated") for loss in ("", ", at fixed loss")]
    assert [one.where for one in found] == [*given, "matched"]
    assert found[0].value == table.iloc[0]["tau"]
