import json
import re

import pandas as pd

from lossbasins.specs.explore import Inputs, Outputs, Point, Spec
from lossbasins.specs.protocols import ProtocolChoices
from lossbasins.stages import explore
from tests.stages.reports import context, write_measurements


def test_it_shows_the_solutions_of_every_point_with_what_was_measured_of_them(tmp_path):
    runs, paths = write_measurements(tmp_path, optimizers=("sgd",), attacks=((0.0, 0), (0.5, 400)), replicas=2)
    for path in paths["evaluation"]:
        pd.read_csv(path).assign(stop="fitted").to_csv(path, index=False)
    points = tuple(
        Point(run=run, point="trained", polished=False, loss=None, values=1, spectrum=run == runs[0]) for run in runs
    )
    outputs = Outputs(page=tmp_path / "explore.html")
    inputs = Inputs(paths["evaluation"], paths["frobenius"], paths["spectrum"][:1])
    explore.run(Spec(study="s", points=points, protocols=ProtocolChoices(), top=5), inputs, outputs, context(tmp_path))
    (data,) = re.findall(r"data = (\{.*?\}), titles = ", outputs.page.read_text())
    rows = [row for row in json.loads(data)["solutions"] if row["protocol"] == "raw"]
    assert len(rows) == 4
    assert {row["attack"] for row in rows} == {"none", "w0.5-n400"}
    assert all(row["folder"] == tmp_path.as_posix() for row in rows)
    assert [row["log_inverse_volume"] is not None for row in rows] == [True, True, False, False]
