"""The commands that ask where results come from: `lossbasins audit`, `diff`, `replay` and `freeze`."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

PIPE_WIDTH = 1000
"""Characters; lines in a pipe are not to be wrapped."""
DataDir = Annotated[Path, typer.Option(envvar="LOSSBASINS_DATA_DIR", help="Folder of the downloads.")]
Results = Annotated[Path, typer.Option(help="Folder of all studies, for files that left their folder.")]


def audit(
    paths: Annotated[list[Path], typer.Argument(help="Results, manifests, or folders of them.", metavar="PATH...")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    configfile: Annotated[list[Path], typer.Option(help="The study's overlay, if it is not in studies/.")] = [],  # noqa: B006
    data_dir: DataDir = Path("data"),
    results: Results = Path("results"),
) -> None:
    """Checks a result down to raw files: verified (exit code 0), stale (1) or broken (2)."""
    from lossbasins.provenance.audit import AuditError
    from lossbasins.provenance.audit import audit as audited
    from lossbasins.provenance.present import Present
    from lossbasins.provenance.printing import as_json as json_values
    from lossbasins.provenance.printing import print_overview, print_tree

    try:
        found = audited(paths, results, data_dir, Present(Path.cwd(), configfile).moved_on)
    except (AuditError, OSError) as error:
        raise _failed(error) from None
    if as_json:
        typer.echo(json.dumps(json_values(found), indent=2))
    elif any(path.is_dir() for path in paths):
        print_overview(found, _console())
    else:
        print_tree(found, _console())
    raise typer.Exit(found.verdict)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)


def _failed(error: Exception) -> typer.Exit:
    typer.echo(f"lossbasins: {error}", err=True)
    return typer.Exit(2)
