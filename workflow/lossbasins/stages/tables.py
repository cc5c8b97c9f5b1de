"""Tables in all their formats."""

import pandas as pd

from lossbasins.reporting.formats import Printed, to_csv, to_latex, to_markdown
from lossbasins.specs.files import Table


def write_table(outputs: Table, table: pd.DataFrame, printed: Printed) -> None:
    """Writes a table whole, and as people read it."""
    outputs.csv.write_text(to_csv(table))
    outputs.md.write_text(to_markdown(*printed))
    outputs.tex.write_text(to_latex(*printed))
