"""The command line: `lossbasins run`, and the commands that ask where results come from."""

import json
import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import Annotated

import typer
from safetensors import SafetensorError

from lossbasins.ending import ending_when_asked
from lossbasins.provenance import commands
from lossbasins.runner import JobError, run_job

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def lossbasins() -> None:
    """Loss-landscape basins and generalisation: the jobs of the study."""


@app.command()
def run(
    stage: Annotated[str, typer.Argument(help="Name of the stage, such as train.")],
    job: Annotated[str, typer.Option(help="JSON text: spec, digest of the code, versions.")],
    input: Annotated[list[str], typer.Option(help="name=path, once for each file.")] = [],  # noqa: B006
    output: Annotated[list[str], typer.Option(help="name=path, once for each file.")] = [],  # noqa: B006
    device: Annotated[str, typer.Option(envvar="LOSSBASINS_DEVICE", help="auto, cpu or cuda.")] = "auto",
    threads: Annotated[int, typer.Option(min=1, help="For numerical libraries.")] = 1,
    gpus: Annotated[
        int | None,
        typer.Option(min=0, help="How many GPUs it may use; 0 is as --device cpu."),
    ] = None,
    data_dir: Annotated[Path, typer.Option(envvar="LOSSBASINS_DATA_DIR", help="Folder of the downloads.")] = Path(
        "data"
    ),
    save_every: Annotated[
        float, typer.Option(envvar="LOSSBASINS_SAVE_EVERY", min=0, help="Seconds between saved states of a long job.")
    ] = 30.0,
) -> None:
    """Runs one job as the workflow does, from files to files."""
    try:
        with ending_when_asked():
            run_job(
                stage,
                job,
                _by_name(input),
                _by_name(output),
                device="cpu" if gpus == 0 else device,
                threads=threads,
                data_dir=data_dir,
                save_every=save_every,
            )
    except (ValueError, OSError, SafetensorError) as error:
        typer.echo(f"lossbasins: {error}", err=True)
        raise typer.Exit(1) from None


@app.command()
def crate(
    study: Annotated[str, typer.Argument(help="Name of a finished study, such as digits.")],
    output: Annotated[Path | None, typer.Option(help="The zip; results/STUDY.crate.zip if not given.")] = None,
    agent: Annotated[str | None, typer.Option(help="Name of the person who ran the study.")] = None,
) -> None:
    """Exports a study, its code and its history as a Workflow Run RO-Crate, for others to audit."""
    # Jobs start without the second that this import takes.
    from lossbasins.provenance.crate import export_crate

    path = output or Path(f"results/{study}.crate.zip")
    try:
        with ending_when_asked():
            export_crate(study, path, agent)
    except (ValueError, OSError) as error:
        typer.echo(f"lossbasins: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(path)


@app.command()
def check(overlay: Annotated[Path, typer.Argument(help="The file of a study, such as studies/mnist.yaml.")]) -> None:
    """Says what is wrong with the file of a study of the project here, and where; nothing if all is well."""
    from lossbasins.configuration.files import with_overlay
    from lossbasins.study import Study

    try:
        Study.from_mapping(with_overlay(Path.cwd(), overlay))
    except ValueError as error:
        typer.echo("\n".join(f"lossbasins: {line}" for line in str(error).splitlines()), err=True)
        raise typer.Exit(1) from None


@app.command()
def schema() -> None:
    """Prints the JSON schema of config.yaml."""
    from lossbasins.configuration.schema import json_schema

    typer.echo(json.dumps(json_schema(), indent=2))


for command in (commands.audit, commands.diff, commands.replay, commands.freeze):
    app.command()(command)


def main() -> None:
    """Entry point. An answer that cannot be printed is none, and has a status that stands for no answer."""
    if sys.stdout is None:  # as `>&-` leaves it, for the status alone
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
    try:
        app(prog_name="lossbasins")
    except OSError as error:  # those of the work itself were told by the commands
        sys.stderr.write(f"lossbasins: the answer could not be printed: {error.strerror or error}\n")
        sys.exit(os.EX_IOERR)


def _by_name(arguments: list[str]) -> dict[str, list[Path]]:
    files: defaultdict[str, list[Path]] = defaultdict(list)
    for argument in arguments:
        name, equals, path = argument.partition("=")
        if not equals:
            raise JobError(f"given {argument!r}; files are named, as in split=path/to/split.npz")
        files[name].append(Path(path))
    return dict(files)
