"""The commands that ask where results come from: `lossbasins audit`, `diff`, `replay` and `freeze`."""

import io
import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lossbasins.ending import ending_when_asked

PIPE_WIDTH = 1000
"""Characters; lines in a pipe are not to be wrapped."""
PAGE_WIDTH = 140
"""Characters of a line of HTML."""
DataDir = Annotated[Path, typer.Option(envvar="LOSSBASINS_DATA_DIR", help="Folder of the downloads.")]
Results = Annotated[Path, typer.Option(help="Folder of all studies, for files that left their folder.")]


def audit(
    paths: Annotated[list[Path], typer.Argument(help="Results, manifests, or folders of them.", metavar="PATH...")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Draw the whole tree, or a table by stage.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="Print a page of HTML.")] = False,
    configfile: Annotated[list[Path], typer.Option(help="The study's overlay, if it is not in studies/.")] = [],  # noqa: B006
    data_dir: DataDir = Path("data"),
    results: Results = Path("results"),
) -> None:
    """Checks a result down to raw files: verified (exit code 0), stale (1) or broken (2)."""
    from lossbasins.configuration.reading import ConfigurationError
    from lossbasins.provenance.answering import print_answer
    from lossbasins.provenance.audit import AuditError
    from lossbasins.provenance.audit import audit as audited
    from lossbasins.provenance.present import Present
    from lossbasins.provenance.printing import as_json as json_values
    from lossbasins.provenance.printing import print_overview, print_tree

    if as_json and as_html:
        raise _failed(AuditError("given --json and --html; give one of them"))
    try:
        found = audited(paths, results, data_dir, Present(Path.cwd(), configfile).moved_on)
    except (AuditError, ConfigurationError, OSError) as error:
        raise _failed(error) from None
    console = Console(file=io.StringIO(), record=True, width=PAGE_WIDTH) if as_html else _console()
    if as_json:
        typer.echo(json.dumps(json_values(found), indent=2))
    elif not full and not any(path.is_dir() for path in paths):
        print_answer(found, paths, console)
    elif any(path.is_dir() for path in paths):
        print_overview(found, console)
    else:
        print_tree(found, console)
    if not (Path.cwd() / "config.yaml").is_file():
        typer.echo(f"lossbasins: settings were not compared, since there is no config.yaml in {Path.cwd()}", err=True)
    if as_html:
        typer.echo(console.export_html(inline_styles=True))
    raise typer.Exit(found.verdict)


def diff(
    left: Annotated[Path, typer.Argument(help="A result or its manifest.")],
    right: Annotated[Path, typer.Argument(help="Another.")],
    results: Results = Path("results"),
) -> None:
    """Compares the histories of two results: the same (exit code 0), different (1), or not to be read (2)."""
    from lossbasins.provenance.audit import only_manifest
    from lossbasins.provenance.diff import diff as differences
    from lossbasins.provenance.history import Histories
    from lossbasins.provenance.printing import print_differences

    histories = Histories(Path("data"))
    try:
        one, other = (only_manifest(path, histories, results) for path in (left, right))
        found = differences(one, other, histories)
    except (ValueError, OSError) as error:
        raise _failed(error) from None
    print_differences(found, _console())
    raise typer.Exit(bool(found))


def replay(
    manifest: Annotated[Path, typer.Argument(help="A manifest, or a result beside its manifest.")],
    device: Annotated[str | None, typer.Option(help="auto, cpu or cuda; as recorded where not given.")] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="As recorded where not given.")] = None,
    data_dir: DataDir = Path("data"),
    results: Results = Path("results"),
) -> None:
    """Makes a result again and compares: the same (exit code 0), or different or impossible (1)."""
    from lossbasins.provenance.audit import only_manifest
    from lossbasins.provenance.history import Histories
    from lossbasins.provenance.printing import print_replay
    from lossbasins.provenance.replay import replay as replayed

    histories = Histories(data_dir)
    try:
        path = only_manifest(manifest, histories, results)
        with ending_when_asked():
            found = replayed(path, histories, data_dir, device, threads)
    except (ValueError, OSError) as error:
        raise _failed(error, code=1) from None
    print_replay(found, _console())
    raise typer.Exit(not found.same)


def freeze(
    study: Annotated[Path, typer.Argument(help="Folder of a study's results, such as results/mnist.")],
    folder: Annotated[Path, typer.Argument(help="Made anew, such as results/published/mnist.")],
    leave_out: Annotated[list[str], typer.Option(help="Pattern of files to leave out, such as '*.safetensors'.")] = [],  # noqa: B006
    data_dir: DataDir = Path("data"),
) -> None:
    """Copies a study's results and manifests, to keep; lists in frozen.json what it leaves out."""
    from lossbasins.provenance.freezing import freeze as freeze_study

    try:
        with ending_when_asked():
            left_out = freeze_study(study, folder, leave_out, data_dir)
    except (ValueError, OSError) as error:
        raise _failed(error, code=1) from None
    typer.echo(f"{folder}: frozen, {left_out} files left out")


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)


def _failed(error: Exception, code: int = 2) -> typer.Exit:
    typer.echo(f"lossbasins: {error}", err=True)
    return typer.Exit(code)
