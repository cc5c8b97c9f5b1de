"""Every path of a study, once, with Snakemake's wildcards."""

from collections.abc import Mapping
from types import MappingProxyType

STUDY = "results/{study}"
DATASET = STUDY + "/data/{dataset}"
RUN = STUDY + "/runs/{dataset}/{model}/{init}/{optimizer}/{attack}"
TRAINED = RUN + "/trained"
POINT = RUN + "/{point}"
TABLES = STUDY + "/tables"
FIGURES = STUDY + "/figures"

IMAGES = DATASET + "/images.npz"
SPLIT = DATASET + "/split.npz"
TRAINED_SOLUTIONS = TRAINED + "/solutions.safetensors"
TRAINED_HISTORY = TRAINED + "/history.csv"
SOLUTIONS = POINT + "/solutions.safetensors"
HISTORY = POINT + "/history.csv"
EVALUATION = POINT + "/evaluation.csv"
POLISH = POINT + "/polish.csv"
SPECTRUM = POINT + "/spectrum.npz"
FROBENIUS = POINT + "/frobenius.csv"
SUMMARY = STUDY + "/summary.txt"

FOLDERS: Mapping[str, str] = MappingProxyType(
    {
        "fetch": DATASET,
        "split": DATASET,
        "train": TRAINED,
        "polish": POINT,
        "evaluate": POINT,
        "spectrum": POINT,
        "frobenius": POINT,
        "curve_fitting": TABLES,
        "convex": TABLES,
        "spectrum_table": TABLES,
        "volume_table": TABLES,
        "polish_table": TABLES,
        "batch_size_table": TABLES,
        "initialization_table": TABLES,
        "basin_ratio_table": TABLES,
        "starts_table": TABLES,
        "two_layer": TABLES,
        "claims": TABLES,
        "curve_fitting_figure": FIGURES,
        "batch_size_figure": FIGURES,
        "initialization_figure": FIGURES,
        "two_layer_figure": FIGURES,
        "spectrum_figure": FIGURES,
        "volume_figure": FIGURES,
        "convex_figure": FIGURES,
        "basin_ratio_figure": FIGURES,
        "summary": STUDY,
    }
)
"""Where each stage writes."""
COMPARED: Mapping[str, str] = MappingProxyType(
    {"volume_table": TABLES + "/{comparison}.csv", "volume_figure": FIGURES + "/{comparison}.pdf"}
)
"""Of stages with a job for each comparison of volumes the file that is named after it."""


def manifest(name: str) -> str:
    """The manifest of a job, beside its outputs.

    Args:
        name: of the stage; where several of its jobs write to one folder, followed by a dot and what tells them apart.
    """
    return f"{_folder(name)}/{name}.manifest.json"


def log(name: str) -> str:
    """The log of a job, apart from the results, in folders of the same names; `name` is as in `manifest`."""
    return f"{_folder(name).replace('results', 'logs', 1)}/{name}.log"


def _folder(name: str) -> str:
    return FOLDERS[name.partition(".")[0]]


def table(name: str, suffix: str) -> str:
    """A file of `tables/`."""
    return f"{TABLES}/{name}.{suffix}"


def figure(name: str, suffix: str) -> str:
    """A file of `figures/`."""
    return f"{FIGURES}/{name}.{suffix}"
