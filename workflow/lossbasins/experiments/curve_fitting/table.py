"""Curve fitting (E1, the paper's Fig. 1): networks and polynomial kernels fitted to a few points of a cubic."""

import itertools

from lossbasins.experiments.curve_fitting.fit import kernel_curve, network_curve
from lossbasins.experiments.curve_fitting.numbers import curve_table, fit_table, printed_curve_fitting
from lossbasins.experiments.curve_fitting.specs import CurveFittingOutputs, CurveFittingSpec
from lossbasins.reporting.formats import to_csv
from lossbasins.specs.files import NoFiles
from lossbasins.stages.context import Context
from lossbasins.stages.tables import write_table


def run(spec: CurveFittingSpec, inputs: NoFiles, outputs: CurveFittingOutputs, context: Context) -> None:  # noqa: ARG001
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
    write_table(outputs, table, printed)
