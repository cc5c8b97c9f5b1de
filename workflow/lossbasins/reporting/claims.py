"""The ledger of claims: measurements, rules that were written down before, and verdicts."""

import math
from collections.abc import Sequence

import pandas as pd

from lossbasins.reporting.evidence import Evidence
from lossbasins.reporting.formats import Column, Printed
from lossbasins.specs.claims import Judged, Rule

SUPPORTED, NOT_SUPPORTED, UNDECIDED = "supported", "not supported", "undecided"
NONE = "No claim is judged by what this study measures."

COLUMNS = ["experiment", "name", "claim", "where", "measured", "value", "low", "high", "interval"]
COLUMNS += ["rule", "verdict", "solutions", "settled_by", "evidence"]


def verdict(low: float, high: float, rule: Rule) -> str:
    """Which side of the rule an interval lies on; undecided if on both, or if it is missing.

    One on both sides that is as narrow as the rule says would have shown what is claimed, and does not support it.
    """
    if math.isnan(low) or math.isnan(high):
        return UNDECIDED
    if rule.below is not None:
        holds, fails = high < rule.below, low >= rule.below
    else:
        assert rule.above is not None, "a rule has one side"
        holds, fails = low > rule.above, high <= rule.above
    fails = fails or (rule.seen is not None and high - low <= 2 * rule.seen)
    return SUPPORTED if holds else NOT_SUPPORTED if fails else UNDECIDED


def judge(found: Evidence, rule: Rule) -> str:
    """The verdict on what was found; undecided where fewer solutions were fitted than the rule asks for."""
    return UNDECIDED if _few(found, rule) else verdict(found.low, found.high, rule)


def settled_by(found: Evidence, rule: Rule) -> float:
    r"""About how many solutions in all would decide what is undecided, if value and spread stay as they are.

    An end at a distance h from the value, which lies d from the limit, comes to the value's side of it with
    :math:`N (h / d)^{1 / p}` solutions, where the interval of N of them narrows as :math:`N^{-p}`, and with one more
    where it lies on the limit itself.

    Args:
        found: what was measured.
        rule: for it.

    Returns:
        NaN where the interval decides it, where there is none, or where no number would: pairs spread as they do.
    """
    known = not (math.isnan(found.low) or math.isnan(found.high))
    if not known or not found.narrows or verdict(found.low, found.high, rule) != UNDECIDED:
        return math.nan
    limit = rule.below if rule.below is not None else rule.above
    assert limit is not None, "a rule has one side"
    far = found.high if found.value < limit else found.low
    value, far, limit = (math.log(number) if found.ratio else number for number in (found.value, far, limit))
    shrunk = [abs(far - value) / abs(limit - value)] if value != limit else []
    if rule.seen is not None:
        shrunk.append((found.high - found.low) / (2 * rule.seen))
    if not shrunk:
        return math.nan
    return float(max(math.ceil(found.solutions * min(shrunk) ** (1 / found.narrows)), found.solutions + 1))


def _few(found: Evidence, rule: Rule) -> bool:
    return rule.fitted_at_least is not None and (found.smallest or 0) < rule.fitted_at_least


def claims_table(judged: Sequence[tuple[Judged, Sequence[Evidence]]]) -> pd.DataFrame:
    """One row per claim and place that it was measured in.

    Args:
        judged: each claim with its evidence.

    Returns:
        experiment, name (of the rule), claim, where, measured, value, low, high, interval (what the ends are, or why
        they are missing), rule, verdict, solutions, settled_by (see `settled_by`) and evidence (a file of the study).
    """
    rows = [
        {
            "experiment": claim.experiment,
            "name": claim.name,
            "claim": claim.statement,
            "where": ", ".join(filter(None, (claim.entry, found.where))),
            "measured": claim.measured,
            "value": found.value,
            "low": found.low,
            "high": found.high,
            "interval": _interval(found, claim.rule),
            "rule": _rule(claim.rule),
            "verdict": judge(found, claim.rule),
            "solutions": found.solutions,
            "settled_by": settled_by(found, claim.rule),
            "evidence": f"figures/{claim.figure}.pdf",
        }
        for claim, evidence in judged
        for found in evidence
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
        Column("settled_by", "settled by", lambda number: f"about {number:,.0f}"),
        Column("evidence", "evidence"),
    ]
    counts = table["verdict"].value_counts()
    note = (
        ", ".join(f"{counts.get(name, 0)} {name}" for name in (SUPPORTED, NOT_SUPPORTED, UNDECIDED))
        + ". Supported: the whole interval is on the stated side; not supported: it is on the other; undecided: "
        "neither, or no interval. Settled by: so many solutions, runs or starts in all, if value and spread stay; the "
        "spread of pairs does not narrow. The rules are those of config.yaml."
    )
    return Printed(shown, columns, NONE if table.empty else note)


def _rule(rule: Rule) -> str:
    side = f"< {rule.below:g}" if rule.below is not None else f"> {rule.above:g}"
    seen = f", seen within {rule.seen:g}" if rule.seen is not None else ""
    fitted = f", {rule.fitted_at_least} fitted at least" if rule.fitted_at_least is not None else ""
    return f"{side}{seen}{fitted}"


def _interval(found: Evidence, rule: Rule) -> str:
    if not _few(found, rule):
        return found.interval
    return f"{found.smallest or 0} fitted, {rule.fitted_at_least} are asked for"
