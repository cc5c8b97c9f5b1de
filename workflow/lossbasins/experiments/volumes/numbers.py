"""Basin volume and Frobenius norm of solutions against their test accuracy (E6, the paper's Fig. 3)."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lossbasins.reporting.correlation import Correlation, kendall
from lossbasins.reporting.formats import Column, Printed, decimals, interval
from lossbasins.reporting.power import POWER
from lossbasins.reporting.solutions import Label, data_note, left_out_note, solutions, with_measurement
from lossbasins.reporting.spectrum import Spectra, spectrum_numbers
from lossbasins.reporting.volume import ALL, GIVEN_LOSS, POOLED, WITHIN, cell_numbers, measures_of


def points(
    labels: Sequence[Label],
    evaluations: Sequence[pd.DataFrame],
    spectra: Sequence[Spectra],
    frobenius: Sequence[pd.DataFrame],
    top: int,
) -> pd.DataFrame:
    """One row per replica, with what the figure shows and what a sceptic asks of it.

    Args:
        labels: the columns that identify each run.
        evaluations: one per run, in the same order; see `solutions`.
        spectra: one per run, with every fitted replica; empty for networks that are too large.
        frobenius: one per run, with replica, value and standard_error of every fitted replica.
        top: the k of the log inverse volume.

    Returns:
        The labels and evaluations with log_inverse_volume (natural logarithm; not without spectra), frobenius_norm and
        its standard_error, and for each of the two `..._left_out`: why it is missing.

    Raises:
        ValueError: a fitted replica has no spectrum or no Frobenius norm.
    """
    frame = solutions(labels, evaluations)
    if spectra:
        volumes = [spectrum_numbers(run, top)[["replica", "log_inverse_volume", "reason"]] for run in spectra]
        frame = with_measurement(frame, labels, volumes, "log_inverse_volume_left_out")
    norms = [frobenius_norms(run) for run in frobenius]
    frame = with_measurement(frame, labels, norms, "frobenius_norm_left_out")
    return frame.drop(columns=["run", "left_out"])


def frobenius_norms(squared: pd.DataFrame) -> pd.DataFrame:
    r"""Norms from estimates of their squares.

    To first order the standard error of :math:`\sqrt{v}` is that of v divided by :math:`2 \sqrt{v}`.

    Args:
        squared: replica, value and standard_error of a run, of the measure `frobenius`.

    Returns:
        replica, frobenius_norm, standard_error, and `reason` why they are missing.
    """
    squared = squared.astype({"replica": np.int64, "value": np.float64, "standard_error": np.float64})
    values, errors = squared["value"], squared["standard_error"]
    usable = np.isfinite(values) & np.isfinite(errors) & (values > 0)
    norm = np.sqrt(values.where(usable))
    unusable = pd.Series("Frobenius estimate not finite and positive", index=squared.index, dtype="str")
    return pd.DataFrame(
        {
            "replica": squared["replica"],
            "frobenius_norm": norm,
            "standard_error": errors / (2 * norm),
            "reason": unusable.where(~usable),
        }
    )


def correlations(
    frame: pd.DataFrame, *, resamples: int, confidence: float, smallest_group: int, seed: int
) -> pd.DataFrame:
    """Kendall's tau between test accuracy and each measure, under each protocol.

    A correlation over all solutions can be just the attack strength again, hence those within cells of one
    initialisation, optimizer and attack, pooled, and within attack settings, of which the unattacked solutions are one;
    or just the training loss, hence that with the loss held fixed. Every group draws from a stream of its own, so that
    adding one changes no other.

    Args:
        frame: from `points`, with a column `protocol`.
        resamples: of the bootstrap.
        confidence: of the intervals, between 0 and 1.
        smallest_group: fewer solutions than this get no correlation.
        seed: of the bootstrap.

    Returns:
        One row per protocol, measure and group: protocol, measure, group (`all`; `given_loss`, all at fixed rank of the
        training loss; `within`, pairs of one cell; `none` or the name of an attack), attack_weight and attack_size
        (missing for the first three), tau, low, high, solutions, left_out (counts), shown (the smallest |tau| that so
        many solutions could have shown), reason (why a number is missing), confidence and resamples.
    """
    settings = frame[["attack", "attack_weight", "attack_size"]].drop_duplicates()
    settings = settings.sort_values(["attack_weight", "attack_size"])
    rows = []
    for protocol, compared in frame.groupby("protocol", sort=False):
        for measure in measures_of(frame):
            for group in [*POOLED, *settings["attack"]]:
                members = compared if group in POOLED else compared[compared["attack"] == group]
                shown = members[members[measure].notna()]
                correlation = kendall(
                    shown[measure].to_numpy(),
                    shown["test_accuracy"].to_numpy(),
                    given=shown["train_loss"].to_numpy() if group == GIVEN_LOSS else None,
                    cells=cell_numbers(shown) if group == WITHIN else None,
                    resamples=resamples,
                    confidence=confidence,
                    smallest_group=smallest_group,
                    rng=np.random.default_rng([seed, *f"{protocol}/{measure}/{group}".encode()]),
                )
                row = _row(measure, group, correlation, len(members))
                rows.append({"protocol": protocol} | row)
    result = pd.DataFrame(rows).merge(settings, how="left", left_on="group", right_on="attack").drop(columns="attack")
    return result.assign(confidence=confidence, resamples=resamples)


def printed_volume(points: pd.DataFrame, correlations: pd.DataFrame, top: int) -> Printed:
    """Kendall's tau of each measure, a protocol and group of solutions per row.

    Args:
        points: one row per replica and protocol.
        correlations: from `lossbasins.experiments.volumes.numbers.correlations`.
        top: the k of the log inverse volume.
    """
    headers = {"log_inverse_volume": f"log V^-1({top})", "frobenius_norm": "Frobenius norm"}
    groups = {ALL: "all", GIVEN_LOSS: "all, at fixed loss", WITHIN: "within cells", "none": "unattacked"}
    measures = measures_of(points)
    table = correlations.loc[correlations["measure"] == measures[0], ["protocol", "group"]]
    table = table.reset_index(drop=True).replace({"group": groups})
    columns = [Column("protocol", "protocol"), Column("group", "solutions")]
    for measure in measures:
        rows = correlations[correlations["measure"] == measure]
        table[f"{measure}_solutions"] = rows["solutions"].to_numpy()
        table[measure] = [
            interval(row["tau"], row["low"], row["high"]) or f"({row['reason']})" for row in rows.to_dict("records")
        ]
        table[f"{measure}_shown"] = rows["shown"].to_numpy()
        columns += [
            Column(f"{measure}_solutions", "number"),
            Column(measure, f"tau of test accuracy and {headers[measure]}"),
            Column(f"{measure}_shown", "could be shown", decimals(2)),
        ]
    settings = correlations.iloc[0]
    left_out = " ".join(
        f"{str(protocol).capitalize()}, {headers[measure]}: {left_out_note(members[f'{measure}_left_out'])}."
        for protocol, members in points.groupby("protocol", sort=False)
        for measure in measures
    )
    note = (
        f"Kendall's tau-b with {settings['confidence']:.0%} percentile intervals from {settings['resamples']} "
        f"resamples of the solutions; at fixed loss: its partial coefficient, given the rank of the training loss; "
        f"within cells: pairs of one initialisation, optimizer and attack, pooled; could be shown: the smallest that "
        f"so many solutions tell from zero in {POWER:.0%} of samples. "
        f"{left_out} {data_note(points)}."
    )
    return Printed(table, columns, note)


def _row(measure: str, group: str, correlation: Correlation, members: int) -> dict[str, str | float | int | None]:
    return {
        "measure": measure,
        "group": group,
        "tau": correlation.tau,
        "low": correlation.low,
        "high": correlation.high,
        "solutions": correlation.points,
        "left_out": members - correlation.points,
        "shown": correlation.shown,
        "reason": correlation.reason or None,
    }
