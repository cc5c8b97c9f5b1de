"""A finished study as one zip that others can audit: a Workflow Run RO-Crate."""

import json
import zipfile
from pathlib import Path

from rocrate.model.metadata import BASENAME

from lossbasins import paths
from lossbasins.provenance.entities import PROJECT, Graph
from lossbasins.provenance.finished import finished
from lossbasins.stages.temporary import beside, sweep


def export_crate(study: str, output: Path, agent: str | None = None) -> None:
    """Writes a finished study, its code and its history as a zipped RO-Crate, whole or not at all.

    Args:
        study: its name; its files are those of `results/<study>` below the working folder.
        output: the zip; it replaces an earlier crate, and nothing else.
        agent: name of the person who ran the study, which manifests do not know.

    Raises:
        ValueError: the output is a file of another kind or lies in the study; the study is unknown or not finished,
            its files or the code are not what its manifests record, or there is no git to say which files are the
            code; one line.
    """
    _check_place(output, Path(paths.STUDY.format(study=study)))
    graph = Graph(finished(study, PROJECT), agent)
    output.parent.mkdir(parents=True, exist_ok=True)
    sweep(output)
    temporary = beside(output)
    try:
        # Not rocrate's own, whose zip has neither times, by which Snakemake orders files, nor what may be executed.
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
            for path, source in graph.sources.items():
                archive.write(source, path)
            archive.writestr(graph.crate.metadata.id, json.dumps(graph.crate.metadata.generate(), indent=2))
        temporary.replace(output)
    finally:
        temporary.unlink(missing_ok=True)


def _check_place(output: Path, folder: Path) -> None:
    if output.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{output}: lies in the study itself; give a file outside of {folder}")
    if output.exists() and not (zipfile.is_zipfile(output) and BASENAME in zipfile.ZipFile(output).namelist()):
        raise ValueError(f"{output}: exists and is no crate, so it is not written over; give another file")
