"""Every path of a study, once, with Snakemake's wildcards."""

RESULTS = "results"
STUDY = RESULTS + "/{study}"
DATASET = STUDY + "/data/{dataset}"
MODEL = DATASET + "/{model}"
RUNS = STUDY + "/runs"
RUN = RUNS + "/{dataset}/{model}/{init}/{optimizer}/{attack}"
TRAINED = RUN + "/trained"
POINT = RUN + "/{point}"
TABLES = STUDY + "/tables"
FIGURES = STUDY + "/figures"
COUNT = STUDY + "/counts/n{images}"

IMAGES = DATASET + "/images.npz"
SPLIT = DATASET + "/split.npz"
NETWORK = MODEL + "/network.json"
TRAINED_SOLUTIONS = TRAINED + "/solutions.safetensors"
TRAINED_HISTORY = TRAINED + "/history.csv"
SOLUTIONS = POINT + "/solutions.safetensors"
HISTORY = POINT + "/history.csv"
EVALUATION = POINT + "/evaluation.csv"
POLISH = POINT + "/polish.csv"
VALUES = POINT + "/{measure}.csv"
ARRAYS = POINT + "/{measure}.npz"
KICKS = POINT + "/kicks.csv"
CHEAP = POINT + "/cheap_measures.csv"
COUNT_WAYS = COUNT + "/ways.csv"
COUNT_NETS = COUNT + "/nets.csv"
SUMMARY = STUDY + "/summary.txt"
EXPLORE = STUDY + "/explore.html"


def manifest(folder: str, name: str) -> str:
    """The manifest of a job, beside its outputs.

    Args:
        folder: of its outputs.
        name: of its stage; where several of its jobs write to one folder, followed by a dot and what tells them apart.
    """
    return f"{folder}/{name}.manifest.json"


def log(folder: str, name: str) -> str:
    """The log of a job, apart from the results, in folders of the same names; arguments are as in `manifest`."""
    return f"{folder.replace('results', 'logs', 1)}/{name}.log"


def table(name: str, suffix: str) -> str:
    """A file of `tables/`."""
    return f"{TABLES}/{name}.{suffix}"


def figure(name: str, suffix: str) -> str:
    """A file of `figures/`."""
    return f"{FIGURES}/{name}.{suffix}"
