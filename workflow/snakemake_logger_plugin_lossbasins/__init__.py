"""Snakemake finds this by its name: `snakemake --logger lossbasins`."""

from lossbasins.terminal import Terminal as LogHandler

__all__ = ["LogHandler"]
