"""Proves and measures the whole GPU path on a machine with one GPU, in at most eight minutes and without a network.

    PYTHONPATH=workflow python benchmarks/gpu.py --data FOLDER

FOLDER holds MNIST's four official files. Needs torch 2.11 or newer and what envs/wheelhouse.sh gathers; docs/cluster.md
says how to install that. Each step has an alarm of its own; one that hangs or fails is recorded, and the next goes on.
What came out is written at once, to `gpu.json` in `--out`, and printed as one table at the end (`table.md`).

    PYTHONPATH=workflow python benchmarks/gpu.py --pretend FILE

rehearses all steps at tiny sizes on a CPU, with a pretend GPU (`gpu_steps/pretended.py`). What only a GPU can tell is
then `not measured`.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REHEARSAL = Path("results/gpu-rehearsal")
PUBLISHED = Path("results/published/gpu")
THREADS = 8
"""Of the processor, at most."""


def main():
    """Runs the steps and prints the table; the exit status is 0 if all ended well."""
    started = time.monotonic()
    options = arguments()
    card = "pretended" if options.pretend else card_name()
    if card is None:
        sys.exit("gpu: nvidia-smi finds no GPU here; --pretend FILE rehearses the steps on a CPU")
    if options.pretend and not options.pretend.is_file():
        sys.exit(f"gpu: {options.pretend}: no such file")
    if not (options.data or options.pretend):
        sys.exit("gpu: name a folder with MNIST's official files: --data FOLDER")
    out = options.out or Path(os.environ.get("OUT") or (REHEARSAL if options.pretend else PUBLISHED / slug(card)))
    with tempfile.TemporaryDirectory(prefix="lossbasins-gpu-") as scratch:
        # Only now, since torch takes seconds to import, and they count.
        from gpu_steps import plan
        from gpu_steps.setting import Setting

        threads = 1 if options.pretend else min(THREADS, len(os.sched_getaffinity(0)))
        setting = Setting(Path(scratch), options.pretend, threads)
        try:
            results, table = plan.run(options.steps, options.data, setting, out, card, started)
        except ValueError as error:
            sys.exit(f"gpu: {error}")
    print(f"\n{table}")
    sys.exit(any(result["state"] != "ok" for result in results))


def card_name():
    """What the driver calls the GPU; None without one. Torch is not asked, since processes are yet to be forked."""
    if shutil.which("nvidia-smi") is None:
        return None
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    names = answer.stdout.splitlines()
    return names[0].strip() if answer.returncode == 0 and names else None


def slug(name):
    """Such as `nvidia-h100-80gb-hbm3`."""
    return "-".join(name.lower().split())


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, help="folder with MNIST's official files; a rehearsal draws images instead"
    )
    parser.add_argument("--out", type=Path, help=f"folder of what is found; by default $OUT, or {PUBLISHED}/<card>")
    parser.add_argument("--steps", nargs="+", default=[], metavar="STEP", help="these alone, such as stages or table-1")
    parser.add_argument("--pretend", type=Path, metavar="FILE", help="module of a pretend GPU")
    return parser.parse_args()


if __name__ == "__main__":
    main()
