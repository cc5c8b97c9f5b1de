"""The page to look around in: linked charts that need no network, with what a reader without a mouse needs.

By Altair: its charts are declarations, its SVG marks carry their own text for screen readers, and its runtime takes
0.9 MB of the page.
"""

import json
from collections.abc import Mapping
from html import escape
from importlib import resources
from string import Template
from typing import Any

import altair as alt
import pandas as pd
import vl_convert
from matplotlib.colors import to_hex

from lossbasins.reporting import style
from lossbasins.reporting.protocols import PROTOCOLS

TOLD = {
    "cell:N": "solutions",
    "replica:Q": "replica",
    "status:N": "status",
    "test_accuracy:Q": "test accuracy",
    "train_accuracy:Q": "training accuracy",
    "attack_accuracy:Q": "attack accuracy",
    "train_loss:Q": "training loss",
    "gradient_norm:Q": "|grad L_S|",
    "weight_norm:Q": "|w|",
}
"""What is told of a solution at which one points."""
AXES = {"X:Q": "across", "Y:Q": "up", "folder:N": "audit"}
"""What is told last: what the axes show, and what the audit is given."""
FILTERS = ("test_accuracy", "log train_loss", "train_loss", "log weight_norm", "weight_norm")
"""Measures whose distribution can be brushed, those that are there."""
RANDOM = "random"
"""What the names of attacks by random labels begin with."""


def explorer_page(study: str, rows: pd.DataFrame, titles: Mapping[str, str], spectra: pd.DataFrame) -> str:
    """One page of HTML.

    Args:
        study: its name.
        rows: from `lossbasins.reporting.exploring.under_protocols`, shown.
        titles: columns of `rows` to choose from, with their names in print.
        spectra: from `lossbasins.reporting.exploring.lines`.
    """
    template = Template(resources.files("lossbasins.reporting").joinpath("explorer.html").read_text(encoding="utf-8"))
    data = {"solutions": json.loads(rows.to_json(orient="records", double_precision=10)), "spectra": _records(spectra)}
    return template.substitute(
        study=escape(study),
        runtime=vl_convert.javascript_bundle(),  # type: ignore[call-arg]  # its types lack the default
        chart=_json(chart(rows, titles, with_spectra=len(spectra) > 0)),
        data=_json(data),
        titles=_json(dict(titles)),
    )


def chart(rows: pd.DataFrame, titles: Mapping[str, str], *, with_spectra: bool) -> dict[str, Any]:
    """The linked charts, as Vega-Lite takes them; the page sets their widths.

    Args:
        rows: as in `explorer_page`.
        titles: as in `explorer_page`.
        with_spectra: whether any solution has one.
    """
    names = list(titles)
    across, up = (_choice(name, title, names, titles, first) for name, title, first in _axes(names))
    protocols = [name for name in PROTOCOLS if name in set(rows["protocol"])]
    protocol = alt.param(
        name="protocol",
        value=protocols[0],
        bind=alt.binding_radio(options=protocols, labels=[PROTOCOLS[name] for name in protocols], name="protocol "),
    )
    search = alt.param(name="search", value="", bind=alt.BindInput(input="search", name="solutions with "))
    brushes = {name: alt.selection_interval(encodings=["x"], name=f"b{place}") for place, name in enumerate(FILTERS)}
    brushes = {name: brush for name, brush in brushes.items() if name in titles}
    chosen = alt.selection_interval(name="chosen")
    base = alt.Chart(alt.NamedData("solutions")).transform_filter("datum.protocol === protocol")
    base = base.transform_filter("search === '' || indexof(lower(datum.cell), lower(search)) >= 0")
    kept = base
    for brush in brushes.values():
        kept = kept.transform_filter(brush)
    colors = _colors(rows)
    color = alt.Color(
        "attack:N",
        scale=alt.Scale(domain=list(colors), range=list(colors.values())),
        legend=alt.Legend(orient="bottom"),
    )
    shape = alt.Shape("optimizer:N", legend=alt.Legend(orient="bottom"))
    scatter = (
        kept.transform_calculate(X="datum[across]", Y="datum[up]")
        .transform_filter("isValid(datum.X) && isValid(datum.Y)")
        .mark_point(size=70, strokeWidth=2, filled=False)
        .encode(
            x=alt.X("X:Q", title=None, scale=alt.Scale(zero=False, padding=12)),
            y=alt.Y("Y:Q", title=None, scale=alt.Scale(zero=False, padding=12)),
            color=color,
            shape=shape,
            opacity=alt.condition(chosen, alt.value(1.0), alt.value(0.2)),
            key="id:N",
            tooltip=[_told(name, title) for name, title in (TOLD | AXES).items()],
        )
        .add_params(chosen)
        .properties(title=alt.Title(alt.expr("titles[up] + ' against ' + titles[across]"), anchor="start"), height=420)
    )
    histograms = [_histogram(base, rows[name], titles[name]).add_params(brush) for name, brush in brushes.items()]
    beside = [*([_spectra(kept, chosen, color)] if with_spectra else []), *histograms]
    values = alt.param(name="titles", value=dict(titles))
    drawn = alt.hconcat(scatter, alt.vconcat(*beside)).resolve_legend(color="independent", shape="independent")
    drawn = drawn.add_params(values, protocol, across, up, search)
    return dict(drawn.configure_view(stroke="#cbd5e1").to_dict())


def _histogram(base: alt.Chart, values: pd.Series, title: str) -> alt.Chart:
    """How a measure is distributed; the ends stay, whatever is left out, since Vega fails over bins that move."""
    ends = [float(values.min()), float(values.max())]
    bins = alt.Bin(extent=ends if ends[0] < ends[1] else [ends[0] - 0.5, ends[0] + 0.5], maxbins=30)
    drawn: alt.Chart = (
        base.mark_bar(color="#94a3b8")
        .encode(x=alt.X(f"{_field(str(values.name))}:Q", bin=bins, title=title), y=alt.Y("count()", title=None))
        .properties(height=70)
    )
    return drawn


def _spectra(kept: alt.Chart, chosen: alt.Parameter, color: alt.Color) -> alt.Chart:
    """The eigenvalues of the chosen solutions."""
    drawn: alt.Chart = (
        kept.transform_calculate(X="datum[across]", Y="datum[up]")
        .transform_filter(chosen)
        .transform_lookup("id", alt.LookupData(alt.NamedData("spectra"), "id", ["ranks", "eigenvalues"]))
        .transform_filter("isValid(datum.ranks)")
        .transform_flatten(["ranks", "eigenvalues"], ["rank", "eigenvalue"])
        .mark_line(strokeWidth=1.2)
        .encode(
            x=alt.X("rank:Q", scale=alt.Scale(type="log"), title="rank"),
            y=alt.Y("eigenvalue:Q", scale=alt.Scale(type="log"), title=None, axis=alt.Axis(format=".0e")),
            color=color.legend(None),
            detail="id:N",
            tooltip=[alt.Tooltip("cell:N"), alt.Tooltip("replica:Q")],
        )
        .properties(title=alt.Title("Hessian eigenvalues of those chosen", anchor="start"), height=190)
    )
    return drawn


def _told(name: str, title: str) -> alt.Tooltip:
    return alt.Tooltip(name, title=title, format=".4~g") if name.endswith(":Q") else alt.Tooltip(name, title=title)


def _axes(names: list[str]) -> list[tuple[str, str, str]]:
    """Parameter, label and first choice of both axes."""
    volume = next(
        (name for name in ("log_inverse_volume", "log frobenius", "log gradient_norm") if name in names), None
    )
    return [("across", "across ", volume or names[-1]), ("up", "up ", "test_accuracy")]


def _choice(name: str, label: str, options: list[str], titles: Mapping[str, str], first: str) -> alt.Parameter:
    shown = [titles[option] for option in options]
    return alt.param(name=name, value=first, bind=alt.binding_select(options=options, labels=shown, name=label))


def _colors(rows: pd.DataFrame) -> dict[str, str]:
    """Of each attack, as in the figures: none red, attacks blues that darken, random labels orange."""
    attacks = list(dict.fromkeys(rows["attack"]))
    blues = [name for name in attacks if name != "none" and not name.startswith(RANDOM)]
    shades = {name: to_hex(style.ATTACKS(place / max(len(blues) - 1, 1))) for place, name in enumerate(blues)}
    fixed = {
        name: style.UNATTACKED if name == "none" else style.RANDOM_LABELS for name in attacks if name not in shades
    }
    return {name: (fixed | shades)[name] for name in attacks}


def _field(name: str) -> str:
    return f"['{name}']" if " " in name else name


def _records(spectra: pd.DataFrame) -> list[dict[str, Any]]:
    """One record a solution, for Vega to look up."""
    return [
        {"id": name, "ranks": group["rank"].tolist(), "eigenvalues": group["eigenvalue"].tolist()}
        for name, group in spectra.groupby("id", sort=False)
    ]


def _json(value: Any) -> str:  # noqa: ANN401, a JSON value
    """Text that no script element ends at."""
    return json.dumps(value, separators=(",", ":")).replace("</", "<\\/")
