#!/bin/sh
# Cancels the jobs of this folder that a killed snakemake left, and waits until they are gone: their end would remove files of the
# jobs that are submitted in their place. No other run can own them, since snakemake locks its folder (but with --nolock).
command -v squeue >/dev/null || exit 0
left() {
    squeue --me --noheader 2>/dev/null --format='%i %j %Z' | awk -v folder="$PWD" '$2 ~ /^lossbasins_/ && substr($0, length($1 $2) + 3) == folder {print $1}'
}
jobs=$(left)
[ -n "$jobs" ] || exit 0
echo "Cancelling what a killed run left: jobs" $jobs >&2
scancel $jobs
for _ in $(seq 120); do
    [ -n "$(left)" ] || exit 0
    sleep 1
done
echo "lossbasins: these jobs do not end: $(left | xargs); ask for help with their node" >&2
exit 1
