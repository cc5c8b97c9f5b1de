"""Claims as a study asks for them, and the ledger of made-up measurements."""

from lossbasins import catalogue
from lossbasins.experiments.spectrum.evidence import spectrum
from lossbasins.experiments.volumes.evidence import volume
from lossbasins.reporting.claims import claims_table
from lossbasins.specs.claims import Judged, Rule
from tests.experiments.spectrum.frames import spectrum_frames
from tests.experiments.volumes.frames import volume_frames
from tests.reporting.tables import read_back


def judged(name, rule, entry=""):
    """A claim of one of the experiments."""
    experiment, claim = next(
        (experiment, claim)
        for experiment in catalogue.experiments().values()
        for claim in experiment.claims
        if claim.name == name
    )
    return Judged(
        experiment=experiment.number,
        name=name,
        statement=claim.statement,
        measured=claim.measured,
        rule=rule,
        module=experiment.__module__.replace(".choices", ".evidence"),
        entry=entry,
        figure=claim.figure.format(**{experiment.entry: entry} if entry else {}),
    )


SPECTRUM, VOLUME = judged("spectrum", Rule(above=1)), judged("volume", Rule(below=0), entry="volume")


def claims_frame(**case):
    """The ledger of what spectra and volumes say, as it is read back."""
    evidence = [
        (SPECTRUM, spectrum(spectrum_frames(**case)[0], 0.95)),
        (VOLUME, volume(volume_frames(**case)[1], 0.95)),
    ]
    return read_back(claims_table(evidence))
