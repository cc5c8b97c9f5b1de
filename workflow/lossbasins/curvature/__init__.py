"""Exact Hessians of small networks, and estimators that know their error for large ones.

Stands alone: it needs torch, NumPy, SciPy and, of this project, `lossbasins.volume` and `lossbasins.quadrature`.
"""

from lossbasins.curvature.blocks import BlockNorms, block_norms
from lossbasins.curvature.decomposition import EigenvalueError
from lossbasins.curvature.density import spectral_density
from lossbasins.curvature.derivatives import DifferentiationError
from lossbasins.curvature.eigenpairs import Eigenpairs, top_eigenpairs
from lossbasins.curvature.frobenius import frobenius_squared
from lossbasins.curvature.hessian import InexactMatrixError, ggn_matrix, hessian_matrix, residual_matrix
from lossbasins.curvature.hutchinson import Estimate, matrix_trace, squared_norm
from lossbasins.curvature.krylov import NotConvergedError
from lossbasins.curvature.layers import UnsupportedLayerError
from lossbasins.curvature.objective import Objective
from lossbasins.curvature.operators import FisherOperator, GaussNewtonOperator, HessianOperator
from lossbasins.curvature.slices import losses_at
from lossbasins.curvature.spectrum import Spectrum, matrix_spectrum, spectrum
from lossbasins.curvature.symmetry import AsymmetryError
from lossbasins.curvature.trace import trace
from lossbasins.curvature.volume import VolumeEstimate, estimate_log_inverse_volume
from lossbasins.quadrature import SpectralDensity

__all__ = [
    "AsymmetryError",
    "BlockNorms",
    "DifferentiationError",
    "Eigenpairs",
    "EigenvalueError",
    "Estimate",
    "FisherOperator",
    "GaussNewtonOperator",
    "HessianOperator",
    "InexactMatrixError",
    "NotConvergedError",
    "Objective",
    "SpectralDensity",
    "Spectrum",
    "UnsupportedLayerError",
    "VolumeEstimate",
    "block_norms",
    "estimate_log_inverse_volume",
    "frobenius_squared",
    "ggn_matrix",
    "hessian_matrix",
    "losses_at",
    "matrix_spectrum",
    "matrix_trace",
    "residual_matrix",
    "spectral_density",
    "spectrum",
    "squared_norm",
    "top_eigenpairs",
    "trace",
]
