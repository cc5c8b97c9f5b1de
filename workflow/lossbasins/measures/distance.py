"""How far training has gone: |w - w0|, a null that knows nothing of the loss."""

from lossbasins.measures.solution import Measured, Solution

PRECISION = "float64"
CHEAP = True
INITIAL = True
SHARPER = "larger"
UNITS = "of parameters"
INVARIANT_UNDER = "permutations of hidden units, of w0 too"


def measure(solution: Solution) -> Measured:
    """Euclidean, from the parameters that training began with; free."""
    if solution.initial is None:
        return Measured.missing("its initial parameters are not known")
    parameters = solution.objective.parameters
    return Measured(float((parameters - solution.initial.to(parameters)).norm()))
