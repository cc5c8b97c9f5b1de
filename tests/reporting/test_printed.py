from lossbasins.reporting.formats import to_markdown
from lossbasins.reporting.printed import printed_spectrum, printed_volume
from lossbasins.reporting.spectrum import spectrum_table
from lossbasins.reporting.volume import correlations, points
from tests.reporting.measurements import ATTACKS, DATA, measurements


def rows(printed):
    lines = to_markdown(*printed).splitlines()
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines[2:-2]], lines[-1]


def test_the_three_solutions_from_good_to_bad():
    made = measurements(statuses={(2, 0): "diverged"})
    table, _ = spectrum_table(made.labels, made.evaluations, made.spectra, top=10)
    cells, note = rows(printed_spectrum(table, 10))
    assert [row[0] for row in cells] == ["good", "middling", "bad"]
    assert float(cells[0][4]) > float(cells[1][4]) > float(cells[2][4])
    assert "48 solutions, 1 left out (1 diverged)" in note
    assert note.endswith(f" Data: {DATA}.")


def test_a_row_per_group_with_numbers_or_the_reason():
    made = measurements(("sgd", "adam"), ATTACKS[:2], statuses={(1, replica): "not_fitted" for replica in range(4)})
    frame = points(made.labels, made.evaluations, made.spectra, made.frobenius, 10).assign(protocol="raw")
    table = correlations(frame, resamples=100, confidence=0.9, smallest_group=5, seed=0)
    cells, note = rows(printed_volume(frame, table, 10))
    assert [row[1] for row in cells] == ["all", "all, at fixed loss", "unattacked", "w0.05-n400"]
    assert [row[2] for row in cells] == ["12", "12", "8", "4"]
    assert cells[3][3] == cells[3][5] == "(fewer than 5 solutions)"
    assert "90% percentile intervals from 100 resamples" in note
    assert note.endswith(f" Data: {DATA}.")
    assert note.count("16 solutions, 4 left out (4 not fitted)") == 2
