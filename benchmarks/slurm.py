"""What SLURM and Snakemake add to 300 tiny jobs, one by one and in groups.

    python benchmarks/slurm.py [--group-sizes 1 25] [--option=--slurm-...]

Each job touches one file, so all that passes is overhead. Needs a SLURM that answers and takes the partitions of the
cluster profile in slurm/. Seconds are from start to end.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
SNAKEFILE = """
rule all:
    input: expand("out/{{number}}", number=range({jobs}))

rule tiny:
    output: "out/{{number}}"
    shell: "touch {{output}}"
"""
# Otherwise a group asks for the memory and CPUs of all its jobs at one time.
ONE_AFTER_ANOTHER = ["--resources", "mem_mb=4000", "--set-resource-scopes", "mem_mb=local"]


def main():
    """Prints one line for each size of groups."""
    options = arguments()
    print("| jobs in a group | submitted | seconds | seconds a job |")
    print("| --- | --- | --- | --- |")
    for size in options.group_sizes:
        submitted, seconds = run(options.jobs, size, options.option)
        print(f"| {size} | {submitted} | {seconds:.0f} | {seconds / options.jobs:.2f} |", flush=True)


def run(jobs, size, extra):
    """Runs the jobs in a scratch folder; how many were submitted to SLURM, and seconds from start to end."""
    with tempfile.TemporaryDirectory(dir=ROOT / ".snakemake") as folder:
        scratch = Path(folder)
        (scratch / "Snakefile").write_text(SNAKEFILE.format(jobs=jobs))
        shutil.copytree(ROOT / "slurm", scratch / "slurm")
        command = [sys.executable, "-m", "snakemake", "--profile", "slurm", *extra]
        if size > 1:
            command += ["--groups", "tiny=tiny", "--group-components", f"tiny={size}", *ONE_AFTER_ANOTHER]
        start = time.perf_counter()
        done = subprocess.run(command, cwd=scratch, capture_output=True, text=True)
        seconds = time.perf_counter() - start
        said = done.stdout + done.stderr
        if done.returncode or len(list((scratch / "out").iterdir())) != jobs:
            sys.exit(f"snakemake failed:\n{said}")
    return said.count("has been submitted with SLURM jobid"), seconds


def arguments():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--group-sizes", type=int, nargs="+", default=[1, 25])
    parser.add_argument("--option", action="append", default=[], help="passed on to Snakemake; may be given again")
    return parser.parse_args()


if __name__ == "__main__":
    os.environ.pop("SLURM_CONF", None)
    main()
