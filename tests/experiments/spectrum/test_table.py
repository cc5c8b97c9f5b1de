import pandas as pd
import pytest
from pydantic import ValidationError

from lossbasins.experiments.spectrum import table as stage
from lossbasins.experiments.spectrum.specs import SpectrumInputs, SpectrumOutputs, SpectrumSpec
from tests.stages.reports import context, outputs, write_measurements


def made(folder, matched=True, **case):
    runs, paths = write_measurements(folder, **case)
    written = outputs(SpectrumOutputs, folder, "spectrum")
    # The trained solutions stand for the polished ones too.
    inputs = SpectrumInputs(
        evaluation=paths["evaluation"],
        spectrum=paths["spectrum"],
        matched_evaluation=paths["evaluation"] if matched else (),
        matched_spectrum=paths["spectrum"] if matched else (),
    )
    stage.run(SpectrumSpec(runs=runs, top=10), inputs, written, context(folder))
    return written


def test_every_file_is_written(tmp_path):
    written = made(tmp_path, statuses={(1, 2): "diverged"})
    table = pd.read_csv(written.csv)
    assert len(table) == 48
    assert set(table["role"].dropna()) == {"good", "middling", "bad"}
    assert list(table["left_out"].dropna()) == ["diverged"]
    assert len(pd.read_csv(written.eigenvalues)) == 3 * 300
    assert "1 left out (1 diverged)" in written.md.read_text()
    assert written.tex.read_text().startswith(r"\begin{tabular}")


def test_the_polished_solutions_have_their_numbers_too_where_there_are_any(tmp_path):
    written = made(tmp_path, optimizers=("sgd",))
    pd.testing.assert_frame_equal(pd.read_csv(written.matched), pd.read_csv(written.csv))
    assert pd.read_csv(made(tmp_path, matched=False, optimizers=("sgd",)).matched).empty


def test_a_run_of_which_nothing_is_fitted_is_no_error(tmp_path):
    written = made(tmp_path, optimizers=("sgd",), statuses={(0, replica): "not_fitted" for replica in range(4)})
    assert list(pd.read_csv(written.csv)["left_out"].dropna()) == ["not fitted"] * 4


def test_runs_of_two_landscapes_are_refused(tmp_path):
    runs, _ = write_measurements(tmp_path)
    with pytest.raises(ValidationError, match=r"several landscapes \(digits/fnn, digits/mlenet\)"):
        SpectrumSpec(runs=(*runs, runs[0].model_copy(update={"model": "fnn"})), top=10)
