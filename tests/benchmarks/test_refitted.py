"""What correlations at one loss rest on, and that the method says it as it is."""

from pathlib import Path

import pandas as pd

from benchmarks import refitted

ROOT = Path(__file__).parents[2]
TABLE = "results/published/mnist-300/tables/measures_points.csv"


def test_only_solutions_that_count_under_the_other_protocol_are_compared():
    reasons = {
        "raw": ["", "not_fitted", ""],
        "interpolated": ["attack_not_fitted", "not_fitted", ""],
        "matched": [""] * 3,
    }
    points = pd.DataFrame(
        {"dataset": "d", "model": "m", "init": "i", "optimizer": "o", "attack": "a", "replica": replica}
        | {"protocol": protocol, "measure": "weight_norm", "value": replica, "left_out": reason or None}
        for protocol, each in reasons.items()
        for replica, reason in enumerate(each)
    )
    found = {name: refitted.counted(points, "weight_norm", of) for name, of in refitted.SETS.items()}
    assert [list(rows["replica"]) for rows in found.values()] == [[0, 1, 2], [0, 2], [2]]
    assert all((rows["protocol"] == "matched").all() for rows in found.values())


def test_the_method_prints_what_it_prints():
    lines: list[str] = []
    refitted.main(str(ROOT / TABLE), lines.append)
    printed = "\n".join("    " + line.rstrip() for line in "".join(lines).splitlines())
    assert f"    python benchmarks/refitted.py {TABLE}\n\n{printed}\n" in (ROOT / "docs" / "method.md").read_text()
