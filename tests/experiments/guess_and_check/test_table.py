import pandas as pd
import pytest

from lossbasins.experiments.guess_and_check import table as stage
from lossbasins.experiments.guess_and_check.specs import TableInputs
from lossbasins.specs.files import Table
from tests.experiments.guess_and_check.frames import SPEC, count_frames, table_frame
from tests.stages.reports import context, outputs


@pytest.mark.parametrize("died", [0, 4])
def test_every_file_is_written(tmp_path, died):
    files = {"ways": [], "nets": []}
    for kind, frames in zip(files, count_frames(died=died), strict=True):
        for images, frame in zip(SPEC.images, frames, strict=True):
            files[kind].append(tmp_path / f"{kind}{images}.csv")
            frame.to_csv(files[kind][-1], index=False)
    written = outputs(Table, tmp_path, "guess_and_check")
    stage.run(SPEC, TableInputs(**{kind: tuple(paths) for kind, paths in files.items()}), written, context(tmp_path))
    pd.testing.assert_frame_equal(pd.read_csv(written.csv), table_frame(died=died), check_dtype=False)
    assert "49-16-16-1" in written.md.read_text()
    assert written.tex.read_text().startswith(r"\begin{tabular}")
