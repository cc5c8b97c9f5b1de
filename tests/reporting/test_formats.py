import io

import numpy as np
import pandas as pd

from lossbasins.reporting.formats import Column, interval, percent, significant, to_csv, to_latex, to_markdown

FRAME = pd.DataFrame({"name": ["a_b|c", "d & e"], "share": [0.12345, np.nan], "loss": [-0.00123456, 1234.5]})
COLUMNS = [Column("name", "name"), Column("share", "share (%)", percent), Column("loss", "L_S", significant(2))]


def test_csv_is_read_back_exactly():
    frame = FRAME.assign(loss=[0.1 + 0.2, 1e-300])
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(to_csv(frame))), frame, check_exact=True)


def test_markdown_rounds_escapes_and_aligns():
    assert to_markdown(FRAME, COLUMNS, "A note.").splitlines() == [
        r"| name    | share (%) | L\_S    |",
        "| ------- | --------- | ------- |",
        r"| a\_b\|c | 12.3      | -0.0012 |",
        "| d & e   |           | 1.2e+03 |",
        "",
        "A note.",
    ]


def test_latex_rounds_and_escapes():
    lines = to_latex(FRAME, COLUMNS, "100 % of w0.1-n400").splitlines()
    assert lines[0] == r"\begin{tabular}{lll}"
    assert lines[2] == r"name & share (\%) & L\_S \\"
    assert lines[4] == r"a\_b\textbar{}c & 12.3 & $-$0.0012 \\"
    assert lines[5] == r"d \& e &  & 1.2e+03 \\"
    assert r"100 \% of w0.1-n400" in lines[-2]
    assert lines[-1] == r"\end{tabular}"


def test_a_table_without_rows_has_its_header():
    assert to_markdown(FRAME[:0], COLUMNS, "").startswith("| name | share (%) | L\\_S |\n")


def test_interval_says_as_much_as_is_known():
    assert interval(-0.5, -0.75, 0.25) == "-0.50 [-0.75, 0.25]"
    assert interval(1.0, np.nan, np.nan) == "1.00"
    assert interval(np.nan, np.nan, np.nan) == ""
