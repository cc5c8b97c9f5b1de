import pandas as pd
import pytest

from lossbasins.experiments.guess_and_check import count as stage
from lossbasins.experiments.guess_and_check.specs import CountOutputs, CountSpec
from lossbasins.specs.files import Images
from tests.experiments.guess_and_check.tasks import CHOICES
from tests.stages import conftest
from tests.stages.reports import outputs

SMALL = CHOICES | {"pixels": 4, "particles": 60, "starts": 3, "steps": 300, "guesses": 4000, "images": 5, "seed": 3}


class KilledError(Exception):
    """Stands for what ends a process."""


def made(folder, split_path, report=lambda *_: None, **changes):
    folder.mkdir(exist_ok=True)
    written = outputs(CountOutputs, folder, "count")
    context = conftest.context(data_dir=folder, state=folder / ".state", save_every=0, report=report)
    stage.run(CountSpec(**SMALL | changes), Images(split=split_path), written, context)
    return written


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, split_path):
    return made(tmp_path_factory.mktemp("undisturbed"), split_path)


def same(first, second):
    return all(
        getattr(first, name).read_bytes() == getattr(second, name).read_bytes()
        for name in CountOutputs.__dataclass_fields__
    )


def test_each_way_has_its_rows_and_each_network_its_accuracy(undisturbed):
    ways, nets = (pd.read_csv(path) for path in (undisturbed.ways, undisturbed.nets))
    sizes = ways.groupby(["way", "level"]).size().to_dict()
    assert sizes == {
        ("guesses", "fits"): 1,
        **{("volume", level): 3 for level in ("fits", "equal loss")},
        **{(method, level): 3 for method in ("adam", "sgd") for level in ("fits", "equal loss", "trained")},
    }
    assert set(ways["status"]) == {"ok"}
    (tested,) = ways["tested"].unique()
    assert nets["correct"].between(0, tested).all()
    assert nets.groupby(["way", "level"]).size()["volume", "fits"] == 3 * 60
    assert nets.groupby(["way", "level"]).size()["adam", "trained"] == 3
    volume = ways[ways["way"] == "volume"].set_index(["level", "run"])["log_probability"]
    assert (volume["equal loss"] < volume["fits"]).all()


@pytest.mark.parametrize("after", [1, 5, 9])
def test_a_job_that_was_killed_goes_on_and_ends_with_the_same_bytes(tmp_path, split_path, undisturbed, after):
    lines = []

    def killed(line, done=None):
        lines.append(line)
        if done is not None and sum("run" in each for each in lines) > after:
            raise KilledError

    with pytest.raises(KilledError):
        made(tmp_path, split_path, killed)
    again = []
    assert same(made(tmp_path, split_path, lambda line, *_: again.append(line)), undisturbed)
    assert any("going on from" in line for line in again)
    assert not any("gradients" in line for line in again)


def test_progress_rises_to_the_end(tmp_path, split_path):
    shares = []

    def kept(_, done=None):
        if done is not None:
            shares.append(done)

    made(tmp_path, split_path, kept)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)


def test_where_nothing_fits_what_was_tried_is_still_counted(tmp_path, split_path):
    written = made(tmp_path, split_path, images=60, particles=2, moves=1, steps=1, guessed=60, guesses=10)
    ways = pd.read_csv(written.ways)
    assert set(ways["status"]) == {"not_fitted", "died_out"}
    assert ways["goal"].isna().all()
    assert pd.read_csv(written.nets).empty
