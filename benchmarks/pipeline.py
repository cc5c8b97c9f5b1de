"""What a study costs: seconds per stage beside the time that passed, and how long Snakemake plans 1,000 jobs.

    python benchmarks/pipeline.py results/digits

The first table sums the `seconds` of the manifests of a finished study. The second is the time of `snakemake -n` in a
scratch folder, on a study of which nothing exists yet, from start to exit.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

import pandas as pd
import yaml

from lossbasins.provenance.manifest import SUFFIX, read_manifest

ROOT = Path(__file__).parents[1]


def main():
    """Prints both parts."""
    options = arguments()
    report_costs(options.results, options.cores)
    report_planning(options.jobs, options.repeats)


def report_costs(folder, cores):
    """Prints jobs and seconds of each stage of a finished study, and how well its cores were used."""
    manifests = [read_manifest(path) for path in sorted(folder.rglob(f"*{SUFFIX}"))]
    if not manifests:
        sys.exit(f"{folder}: no manifests; give the folder of a finished study")
    table = pd.DataFrame([{"stage": manifest.stage, "seconds": manifest.seconds} for manifest in manifests])
    costs = table.groupby("stage")["seconds"].agg(jobs="size", seconds="sum").sort_values("seconds", ascending=False)
    print(costs.reset_index().to_markdown(index=False, floatfmt=".1f"))
    ended = max(manifest.started + timedelta(seconds=manifest.seconds) for manifest in manifests)
    wall = (ended - min(manifest.started for manifest in manifests)).total_seconds()
    total = table["seconds"].sum()
    print(f"\n{len(manifests)} jobs, {total:.1f} s; over {cores} cores {total / cores:.1f} s")
    print(f"from first start to last end {wall:.1f} s, {wall * cores / total:.2f} times that")


def report_planning(jobs, repeats):
    """Prints how long a dry run of a study of about so many jobs takes."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        shutil.copy(ROOT / "config.yaml", scratch)
        one, two = (dry_run(scratch, write_study(scratch, settings))[1] for settings in (1, 2))
        overlay = write_study(scratch, 1 + round((jobs - one) / (two - one)))
        timings = [dry_run(scratch, overlay) for _ in range(repeats)]
    seconds = sorted(elapsed for elapsed, _ in timings)
    print(
        f"\nsnakemake -n, {timings[0][1]} jobs: median {median(seconds):.2f} s "
        f"({seconds[0]:.2f} to {seconds[-1]:.2f}, {repeats} times)"
    )


def write_study(scratch, settings):
    """Writes an overlay in which every experiment has one optimizer and that many attack settings."""
    attacks = ["none", *(f"w{number / 1000}-n100" for number in range(1, settings))]
    grid = {"dataset": "digits", "model": "mlenet", "init": "he", "optimizer": "sgd", "attack": attacks}
    experiments = yaml.safe_load((scratch / "config.yaml").read_text())["experiments"]
    overlay = scratch / "many.yaml"
    overlay.write_text(
        yaml.safe_dump({"study": "many", "experiments": {name: {"runs": [grid]} for name in experiments}})
    )
    return overlay


def dry_run(scratch, overlay):
    """Seconds of one dry run, and the number of jobs in its table."""
    command = [sys.executable, "-m", "snakemake", "-n", "--directory", str(scratch), "--configfile", str(overlay)]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    elapsed = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"snakemake -n failed:\n{done.stderr}")
    total = next(line for line in done.stdout.splitlines() if line.startswith("total"))
    return elapsed, int(total.split()[1])


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="folder of a finished study, such as results/digits")
    parser.add_argument("--cores", type=int, default=2, help="that the study ran on")
    parser.add_argument("--jobs", type=int, default=1000, help="of the study that is planned, about")
    parser.add_argument("--repeats", type=int, default=5, help="dry runs, of which the median counts")
    return parser.parse_args()


if __name__ == "__main__":
    main()
