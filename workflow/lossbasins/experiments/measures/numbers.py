"""Every measure of a basin against test accuracy, under each protocol (E9)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import numpy.typing as npt
import pandas as pd

from lossbasins.experiments.measures.cells import ranked
from lossbasins.experiments.measures.permutations import Permutations
from lossbasins.experiments.measures.specs import MeasureChoices
from lossbasins.reporting.environments import environments, granulated, mean_of, worst
from lossbasins.reporting.formats import Column, Printed, decimals, interval, significant
from lossbasins.reporting.ordering import pairs, pairs_within, tau
from lossbasins.reporting.power import POWER, smallest_shown
from lossbasins.reporting.ranking import Ranking, ranking
from lossbasins.reporting.solutions import Label, data_note, with_measurement
from lossbasins.reporting.spectrum import Spectra, signs
from lossbasins.reporting.volume import CELL, cell_numbers

Array = npt.NDArray[np.float64]

POINT = [
    *("dataset", "model", "init", "optimizer", "attack", "attack_weight", "attack_size", "replica", "train_loss"),
    *(
        "test_accuracy",
        "gradient_norm",
        "weight_norm",
        "test_images",
        "data",
        "protocol",
        "measure",
        "value",
        "standard_error",
    ),
    *("gradients", "left_out"),
]
KS = 60
"""Numbers of eigenvalues that are tried, at most."""
NOT_MEASURED = "not measured"


def points(
    compared: Mapping[str, pd.DataFrame],
    labels: Sequence[Label],
    values: Mapping[str, Sequence[pd.DataFrame]],
    measures: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """One row per protocol, measure and solution.

    Args:
        compared: the solutions of each protocol, from `lossbasins.reporting.solutions.solutions`, with `left_out`.
        labels: the columns that identify each run.
        values: for each protocol one frame per run: replica, measure, value, standard_error, gradients and reason.
        measures: names of those taken under each protocol, in the order of the rows.

    Raises:
        ValueError: a fitted replica was not measured.
    """
    rows = []
    for protocol, frame in compared.items():
        for measure in measures[protocol]:
            found = [_of(run, measure) for run in values[protocol]]
            measured = with_measurement(frame, labels, found, "left_out")
            rows.append(measured.assign(protocol=protocol, measure=measure))
    return pd.concat(rows, ignore_index=True)


def _of(run: pd.DataFrame, measure: str) -> pd.DataFrame:
    found = run.loc[run["measure"] == measure, ["replica", "value", "standard_error", "gradients", "reason"]]
    found = found.astype({"value": np.float64, "standard_error": np.float64, "gradients": np.float64, "reason": "str"})
    unsure = ~np.isfinite(found["value"]) | ~np.isfinite(found["standard_error"])
    return found.assign(reason=found["reason"].mask(unsure & found["reason"].isna(), "not finite"))


def turned(frame: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """The points with the values of these measures negated, so that of all of them larger ones are the sharper.

    Args:
        frame: from `points`.
        measures: of which smaller values are.
    """
    return frame.assign(value=frame["value"].where(~frame["measure"].isin(measures), -frame["value"]))


def rankings(frame: pd.DataFrame, choices: MeasureChoices, seed: int) -> pd.DataFrame:
    """How each measure orders solutions under each protocol.

    Args:
        frame: from `turned`.
        choices: how they are compared.
        seed: of the resamples and permutations.

    Returns:
        One row per protocol and measure: the coefficients of `lossbasins.reporting.ranking.Ranking`, each with `_low`,
        `_high` and `_reason`; `within_p` of a permutation of accuracies within cells, alone, and `within_corrected`
        with all others but the primary; `beyond_norm_corrected` with all others; `shown` and `within_shown`, the
        smallest |tau| that so many solutions could have shown, overall and within cells; `granulated`, `worst_error`
        and `worst_environment`; gradients (median). A primary measure that was not taken has a row that says so.
    """
    rows, null = [], Permutations(frame, choices.permutations, seed)
    for (protocol, measure), members in frame.groupby(["protocol", "measure"], sort=False):
        shown = members[members["left_out"].isna()]
        compared = ranked(shown)
        found = ranking(
            compared,
            resamples=choices.resamples,
            confidence=choices.confidence,
            smallest_group=choices.smallest_group,
            rng=np.random.default_rng([seed, *f"{protocol}/{measure}".encode()]),
        )
        null.add(shown, compared, found)
        rows.append(_row(str(protocol), str(measure), members, choices) | _columns(found) | _cost(shown))
    table = pd.DataFrame(rows)
    kept = ~table["primary"]
    table["within_p"] = null.alone()
    table["within_corrected"] = null.together(null.within, kept.to_numpy())
    table["beyond_norm_corrected"] = null.together(null.beyond, np.full(len(table), fill_value=True))
    if kept.all():
        table = pd.concat([pd.DataFrame([_absent(choices)]), table], ignore_index=True)
    return table.assign(confidence=choices.confidence, resamples=choices.resamples, permutations=choices.permutations)


def compared_environments(frame: pd.DataFrame, errors_apart: float) -> pd.DataFrame:
    """Sign errors of each measure between settings that differ in one choice, under each protocol.

    Args:
        frame: from `turned`.
        errors_apart: binomial standard errors by which two accuracies are told apart.
    """
    found, test_images = [], int(frame["test_images"].iloc[0])
    for (protocol, measure), members in frame.groupby(["protocol", "measure"], sort=False):
        shown = members[members["left_out"].isna()]
        values, accuracy = (shown[name].to_numpy(dtype=np.float64) for name in ("value", "test_accuracy"))
        one = environments(shown[CELL], values, accuracy, test_images=test_images, errors_apart=errors_apart)
        found.append(one.assign(protocol=str(protocol), measure=str(measure)))
    return pd.concat(found, ignore_index=True)


def with_worst(table: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """The rankings with the worst environment of each.

    Args:
        table: from `rankings`.
        found: from `compared_environments`.
    """
    keys = [(row["protocol"], row["measure"]) for row in table[["protocol", "measure"]].to_dict("records")]
    ends = [worst(found[(found["protocol"] == protocol) & (found["measure"] == measure)]) for protocol, measure in keys]
    return table.assign(worst_error=[error for error, _ in ends], worst_environment=[name for _, name in ends])


def rank_curves(
    compared: Mapping[str, pd.DataFrame], spectra: Mapping[str, Sequence[Spectra]], largest_k: int
) -> pd.DataFrame:
    """Tau of test accuracy and log inverse volume for other numbers k of eigenvalues than ours.

    Args:
        compared: as in `points`.
        spectra: for each protocol one per run; none where there are none.
        largest_k: the curve ends here, or where a solution has no more eigenvalues that are positive beyond rounding.

    Returns:
        One row per protocol and k: protocol, k, solutions, tau, and within (cells, pooled).
    """
    rows = []
    for protocol, frame in compared.items():
        shown = frame[frame["left_out"].isna()]
        if not spectra.get(protocol) or len(shown) < 2:
            continue
        identity = zip(shown["run"], shown["replica"], strict=True)
        eigenvalues = [eigenvalues_of(spectra[protocol], *one) for one in identity]
        most = min(largest_k, *(signs(values)[2] for values in eigenvalues))
        volumes = np.array([np.cumsum(np.log(np.sort(values)[::-1][:most])) for values in eigenvalues])
        accuracy = shown["test_accuracy"].to_numpy(dtype=np.float64)
        chosen = (pairs(len(shown)), pairs_within(cell_numbers(shown)))
        for k in np.unique(np.geomspace(1, most, KS).round().astype(int)) if most else ():
            taus = (tau(one.order(volumes[:, k - 1]), one.order(accuracy)).item() for one in chosen)
            rows.append((protocol, k, len(shown), *taus))
    return pd.DataFrame(rows, columns=["protocol", "k", "solutions", "tau", "within"])


def eigenvalues_of(spectra: Sequence[Spectra], run: int, replica: int) -> Array:
    """Of one solution, shape (P,)."""
    return np.asarray(spectra[run]["eigenvalues"][spectra[run]["replica"] == replica][0], dtype=np.float64)


def printed_measures(table: pd.DataFrame, frame: pd.DataFrame) -> Printed:
    """A row for each measure and protocol.

    Args:
        table: from `with_worst`.
        frame: from `points`.
    """
    shown = table.assign(
        name=table["measure"] + np.where(table["null"], " (null)", "") + np.where(table["primary"], " (primary)", "")
    )
    for name in Ranking.__dataclass_fields__:
        shown[name] = [
            interval(*ends) or f"({reason})"
            for *ends, reason in table[[name, f"{name}_low", f"{name}_high", f"{name}_reason"]].itertuples(index=False)
        ]
    columns = [
        Column("name", "measure"),
        Column("protocol", "protocol"),
        Column("solutions", "n"),
        Column("left_out_reasons", "left out"),
        Column("overall", "tau"),
        Column("within", "within cells"),
        Column("within_shown", "could be shown", decimals(2)),
        Column("within_p", "p", significant(2)),
        Column("within_corrected", "p, corrected", significant(2)),
        Column("granulated", "granulated", decimals(2)),
        Column("worst_error", "worst sign error", decimals(2)),
        Column("given_loss", "given L_S"),
        Column("given_norm", "given |w|"),
        Column("beyond_norm", "beyond |w|, within"),
        Column("difference", "tau less that of |w|"),
        Column("gradients", "gradients", significant(3)),
    ]
    settings = table.iloc[0]
    note = (
        f"Kendall's tau-b of test accuracy and measure, or its negative where smaller values are the sharper, with "
        f"{settings['confidence']:.0%} percentile intervals from "
        f"{settings['resamples']:,} resamples of the solutions, in each of which a measure is drawn anew by its "
        f"standard error; cells: one initialisation, optimizer and attack, where the smallest tau that could be "
        f"shown is told from zero in {POWER:.0%} of samples; p: {settings['permutations']:,} "
        f"permutations within cells, corrected together (Romano and Wolf) but for the primary. {data_note(frame)}."
    )
    return Printed(shown, columns, note)


def _row(protocol: str, measure: str, members: pd.DataFrame, choices: MeasureChoices) -> dict[str, object]:
    shown = members[members["left_out"].isna()]
    values, accuracy = (shown[name].to_numpy(dtype=np.float64) for name in ("value", "test_accuracy"))
    sizes = shown.groupby(CELL).size().to_numpy()
    axes = granulated(shown[CELL], values, accuracy)
    return {
        "measure": measure,
        "protocol": protocol,
        "null": measure in choices.nulls,
        "primary": (measure, protocol) == (choices.primary.measure, choices.primary.protocol),
        "solutions": len(shown),
        "left_out": len(members) - len(shown),
        "left_out_reasons": _counted(members["left_out"]),
        "shown": smallest_shown([len(shown)], choices.confidence),
        "within_shown": smallest_shown(sizes, choices.confidence),
        "granulated": mean_of(axes),
        **{f"granulated_{axis}": value for axis, value in axes.items()},
    }


def _counted(reasons: pd.Series) -> str | None:
    """How many are left out for each reason; None where none is."""
    return ", ".join(f"{count} {reason}" for reason, count in reasons.value_counts().sort_index().items()) or None


def _columns(found: Ranking) -> dict[str, object]:
    return {
        name if key == "value" else f"{name}_{key}": (part or None) if key == "reason" else part
        for name, estimate in asdict(found).items()
        for key, part in estimate.items()
    }


def _cost(shown: pd.DataFrame) -> dict[str, object]:
    return {"gradients": shown["gradients"].median()}


def _absent(choices: MeasureChoices) -> dict[str, object]:
    primary = choices.primary
    return {
        "measure": primary.measure,
        "protocol": primary.protocol,
        "null": False,
        "primary": True,
        "solutions": 0,
        "left_out": 0,
        **{f"{name}_reason": NOT_MEASURED for name in Ranking.__dataclass_fields__},
    }
