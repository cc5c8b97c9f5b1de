"""`python -m lossbasins`."""

from lossbasins.cli import main

main()
