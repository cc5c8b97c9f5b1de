import pandas as pd
import pytest

from lossbasins.experiments.convex import table as stage
from lossbasins.experiments.convex.specs import ConvexOutputs, ConvexSpec
from lossbasins.specs.files import Images
from tests.stages.reports import context, outputs

SMALL = {"pixels": 6, "train": 40, "attack": 30, "features": 100, "degree": 2, "seed": 5}


def made(folder, split_path, **changes):
    written = outputs(ConvexOutputs, folder, "convex")
    stage.run(ConvexSpec(**SMALL | changes), Images(split=split_path), written, context(folder))
    return written


def test_every_file_is_written(tmp_path, split_path):
    written = made(tmp_path, split_path)
    table = pd.read_csv(written.csv)
    assert list(table["parameters"]) == [100] * 8 + [37 * 38 // 2] * 4
    assert (table["good_curving"].max(), table["bad_curving"].max()) == (40, 40)
    assert (table[["good_train_loss", "bad_train_loss"]] < 1e-15).all(axis=None)
    same = table["pair"] != "squared hinge, largest margin"
    assert (table.loc[same, "difference"] < 1e-10).all()
    assert len(pd.read_csv(written.eigenvalues)) == table["parameters"].sum()
    assert "40 training images, bad ones 30 images" in written.md.read_text()
    assert written.tex.read_text().startswith(r"\begin{tabular}")


def test_the_same_job_writes_the_same_bytes(tmp_path, split_path):
    (tmp_path / "again").mkdir()
    first, second = made(tmp_path, split_path), made(tmp_path / "again", split_path)
    for name in ConvexOutputs.__dataclass_fields__:
        assert getattr(first, name).read_bytes() == getattr(second, name).read_bytes()


def test_polynomials_with_too_few_monomials_are_a_clear_error(tmp_path, split_path):
    with pytest.raises(ValueError, match="70 images, but the features have rank"):
        made(tmp_path, split_path, degree=1)
    assert list(tmp_path.iterdir()) == []
