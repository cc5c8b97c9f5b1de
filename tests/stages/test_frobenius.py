import pandas as pd
import pytest

from lossbasins.specs import spectrum as spectrum_spec
from lossbasins.specs.frobenius import Inputs, Outputs, Spec
from lossbasins.stages import frobenius, spectrum
from lossbasins.stages.spectra import read_spectra
from tests.stages.conftest import MODEL, context


@pytest.mark.parametrize("method", ["finite_difference", "hutchinson"])
def test_estimates_agree_with_the_spectrum_within_their_errors(trained, split_path, tmp_path, method):
    pd.DataFrame({"replica": [0, 1], "status": ["ok", "ok"]}).to_csv(tmp_path / "evaluation.csv")
    files = {"split": split_path, "solutions": trained / "solutions.safetensors"}
    files["evaluation"] = tmp_path / "evaluation.csv"
    spectrum.run(
        spectrum_spec.Spec(model=MODEL, precision="float64"),
        spectrum_spec.Inputs(**files),
        spectrum_spec.Outputs(spectrum=tmp_path / "spectrum.npz"),
        context(),
    )
    spec = Spec(model=MODEL, method=method, probes=200, precision="float64", seed=1)
    outputs = Outputs(frobenius=tmp_path / "frobenius.csv")
    frobenius.run(spec, Inputs(**files), outputs, context())
    frame = pd.read_csv(outputs.frobenius)
    exact = (read_spectra(tmp_path / "spectrum.npz")["eigenvalues"] ** 2).sum(axis=1)
    assert list(frame.columns) == ["replica", "frobenius_squared", "standard_error", "matvecs"]
    assert (abs(frame["frobenius_squared"] - exact) < 4 * frame["standard_error"]).all()
    # Each replica has probes of its own.
    ratios = frame["frobenius_squared"] / exact
    assert ratios[0] != pytest.approx(ratios[1], rel=1e-6)
