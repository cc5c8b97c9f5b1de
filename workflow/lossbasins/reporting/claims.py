"""The ledger of the paper's claims: measurements, rules that were written down before, and verdicts."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from lossbasins.reporting.evidence import Evidence
from lossbasins.reporting.formats import Column
from lossbasins.reporting.printed import Printed
from lossbasins.specs.claims import Claim, Rule

SUPPORTED, NOT_SUPPORTED, UNDECIDED = "supported", "not supported", "undecided"

COLUMNS = ["experiment", "name", "claim", "where", "measured", "value", "low", "high", "interval"]
COLUMNS += ["rule", "verdict", "evidence"]


class Statement(NamedTuple):
    """What the paper claims."""

    experiment: str
    claim: str
    measured: str
    evidence: str
    """Name of the table and figure behind it."""


STATEMENTS: Mapping[Claim, Statement] = {
    "curve_fitting": Statement(
        "E1",
        "networks of any depth fit without a regulariser and do not overfit",
        "test error of a network / of an attacked one",
        "curve_fitting",
    ),
    "batch_size": Statement(
        "E2",
        "full batches generalise as mini batches do",
        "|full - mini| / (mini - attacked), of test accuracies",
        "batch_size",
    ),
    "initialization": Statement(
        "E3",
        "all initialisations end in solutions that generalise alike",
        "best minus worst mean test accuracy",
        "initialization",
    ),
    "two_layer_equality": Statement(
        "E4", "E|grad_x f|^2 = <B B^T, F_cc> in two-layer networks", "relative error", "two_layer"
    ),
    "two_layer_bound": Statement("E4", "E|grad_x f|^2 <= |B|^2 |F_cc|", "left side / right side", "two_layer"),
    "spectrum": Statement(
        "E5", "bad minima have larger eigenvalues", "largest eigenvalue, attacked / unattacked", "spectrum"
    ),
    "volume": Statement(
        "E6",
        "solutions in larger basins generalise better",
        "tau of test accuracy and log inverse volume (or Frobenius norm)",
        "volume",
    ),
    "convex": Statement(
        "E7",
        "linear models have the same Hessian at good and bad minima",
        "difference of eigenvalues / largest eigenvalue",
        "convex",
    ),
    "basin_ratio": Statement(
        "E8", "basins of bad minima are overwhelmingly smaller", "log10 of V(bad) / V(good)", "basin_ratio"
    ),
    "starts": Statement("E8", "random starts do not end in bad minima", "share of starts that do", "basin_ratio"),
}


def verdict(low: float, high: float, rule: Rule) -> str:
    """Which side of the rule an interval lies on; undecided if on both, or if it is missing."""
    if math.isnan(low) or math.isnan(high):
        return UNDECIDED
    if rule.below is not None:
        holds, fails = high < rule.below, low >= rule.below
    else:
        assert rule.above is not None, "a rule has one side"
        holds, fails = low > rule.above, high <= rule.above
    return SUPPORTED if holds else NOT_SUPPORTED if fails else UNDECIDED


def claims_table(evidence: Mapping[Claim, Sequence[Evidence]], rules: Mapping[Claim, Rule]) -> pd.DataFrame:
    """One row per claim and place that it was measured in.

    Args:
        evidence: from `lossbasins.reporting.evidence.gathered`.
        rules: by claim; a claim without a rule is not judged.

    Returns:
        experiment, name (of the rule), claim, where, measured, value, low, high, interval (what the ends are, or why
        they are missing), rule, verdict and evidence (a file of the study).
    """
    rows = [
        {
            "experiment": statement.experiment,
            "name": name,
            "claim": statement.claim,
            "where": found.where,
            "measured": statement.measured,
            "value": found.value,
            "low": found.low,
            "high": found.high,
            "interval": found.interval,
            "rule": _rule(rules[name]),
            "verdict": verdict(found.low, found.high, rules[name]),
            "evidence": f"figures/{_file(name, found)}.pdf",
        }
        for name, statement in STATEMENTS.items()
        if name in rules
        for found in evidence.get(name, ())
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def measurement(row: pd.Series) -> str:
    """The value with its interval, as far as they are known; empty if nothing is."""
    if math.isnan(row["value"]):
        return ""
    value = f"{row['value']:.3g}"
    return f"{value} [{row['low']:.3g}, {row['high']:.3g}]" if row["low"] < row["high"] else value


def printed_claims(table: pd.DataFrame) -> Printed:
    """The ledger.

    Args:
        table: from `claims_table`.
    """
    shown = table.assign(measurement=[measurement(row) for _, row in table.iterrows()])
    columns = [
        Column("experiment", ""),
        Column("claim", "claim"),
        Column("where", "where"),
        Column("measured", "measured"),
        Column("measurement", "value"),
        Column("interval", "interval"),
        Column("rule", "supported if"),
        Column("verdict", "verdict"),
        Column("evidence", "evidence"),
    ]
    counts = table["verdict"].value_counts()
    note = (
        ", ".join(f"{counts.get(name, 0)} {name}" for name in (SUPPORTED, NOT_SUPPORTED, UNDECIDED))
        + ". Supported: the whole interval is on the stated side; not supported: it is on the other; undecided: "
        "neither, or no interval. The rules are those of config.yaml."
    )
    return Printed(shown, columns, note)


def _rule(rule: Rule) -> str:
    return f"< {rule.below:g}" if rule.below is not None else f"> {rule.above:g}"


def _file(name: Claim, found: Evidence) -> str:
    """Comparisons of volumes have a figure each, of their own name."""
    return found.where.partition(",")[0] if name == "volume" else STATEMENTS[name].evidence
