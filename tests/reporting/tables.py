"""Tables as they are read again, by machines and by people."""

import io

import pandas as pd

from lossbasins.reporting.formats import to_csv, to_markdown


def read_back(frame):
    return pd.read_csv(io.StringIO(to_csv(frame)))


def cells(printed):
    """The cells of each row but the header, and the note."""
    lines = to_markdown(*printed).splitlines()
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:-2]], lines[-1]
