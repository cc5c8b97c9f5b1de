import math

import pytest

from lossbasins.experiments.guess_and_check.evidence import bad_interpolators, random_interpolators
from tests.experiments.guess_and_check.frames import table_frame


def test_gradients_are_compared_with_the_volume_at_equal_loss_at_each_number_of_images():
    table = table_frame()
    found = random_interpolators(table, 0.95)
    assert [one.where for one in found] == [f"{n} images, {way}" for n in (4, 16, 64) for way in ("adam", "sgd")]
    rows = table[(table["level"] == "equal loss") & (table["way"] == "adam")]
    assert [one.value for one in found[::2]] == pytest.approx(list(rows["difference"]))
    assert [one.high for one in found[::2]] == pytest.approx(list(rows["difference_high"]))


def test_the_share_of_bad_ones_is_judged_by_its_change_to_the_most_images():
    table = table_frame()
    (found,) = bad_interpolators(table, 0.95)
    (last,) = table[(table["way"] == "volume") & (table["level"] == "fits") & (table["images"] == 64)].to_dict(
        "records"
    )
    assert found.where == "4 to 64 images"
    assert (found.value, found.low) == (last["bad_change"], last["bad_change_low"])
    assert found.low < found.value < found.high < 0


def test_where_all_runs_died_out_there_is_no_evidence():
    table = table_frame(died=4)
    for found in (*random_interpolators(table, 0.95), *bad_interpolators(table, 0.95)):
        assert math.isnan(found.low)
        assert found.interval == "no interval"
