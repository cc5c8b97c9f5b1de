"""The command `lossbasins`, and `python -m lossbasins`."""

import sys


def main() -> None:
    """Entry point, also where `lossbasins.curvature` alone is installed, and with it none of the study's packages."""
    try:
        from lossbasins.cli import main as command
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("lossbasins"):
            raise
        sys.exit(
            f"lossbasins: {sys.executable} has no '{error.name}', which the study needs: "
            "run make in its folder and activate .venv, or install lossbasins[study]"
        )
    command()


if __name__ == "__main__":
    main()
