import re

import pandas as pd

from lossbasins.report.tables import table_html
from lossbasins.reporting.formats import Column, to_markdown


def test_a_table_comes_out_as_it_was_rounded():
    frame = pd.DataFrame({"a": ["|w|", "x_1*"], "b": [1.25, None]})
    html = table_html(to_markdown(frame, [Column("a", "what | is"), Column("b", "value", "{:.1f}".format)], "Of L_S."))
    cells = re.findall(r"<t[hd](?: [^>]*)?>(.*?)</t[hd]>", html)
    assert cells == ["what | is", "value", "|w|", "1.2", "x<sub>1</sub>*", ""]
    assert html.endswith("<p>Of L<sub>S</sub>.</p>")
