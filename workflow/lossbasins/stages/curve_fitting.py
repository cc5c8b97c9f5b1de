"""Curve fitting (E1, the paper's Fig. 1): networks and polynomial kernels fitted to a few points of a cubic."""

import itertools

from lossbasins.reporting.curve_fitting import curve_table, fit_table, printed_curve_fitting
from lossbasins.reporting.formats import to_csv, to_latex, to_markdown
from lossbasins.specs.curve_fitting import Inputs, Outputs, Spec
from lossbasins.stages.context import Context
from lossbasins.theory.curve_fitting import kernel_curve, network_curve


def run(spec: Spec, inputs: Inputs, outputs: Outputs, context: Context) -> None:  # noqa: ARG001
    """Fits one curve after another."""
    networks = [*((depth, False) for depth in spec.depths), (spec.attack.depth, True)]
    cases = itertools.product(networks, enumerate(spec.seeds))
    curves = [
        network_curve(spec, depth, replica, seed, attacked=attacked)
        for (depth, attacked), (replica, seed) in context.progress(list(cases), "network")
    ]
    curves += [kernel_curve(spec, order) for order in spec.orders]
    table = fit_table(curves)
    printed = printed_curve_fitting(table, spec)
    outputs.curves.write_text(to_csv(curve_table(spec, curves)))
    outputs.csv.write_text(to_csv(table))
    outputs.md.write_text(to_markdown(*printed))
    outputs.tex.write_text(to_latex(*printed))
