#!/bin/sh
# Installs a lock file and this package into .venv: install.sh LOCK STAMP...
# Each STAMP is written at the end, so that an interrupted installation is done again.
set -u
lock=$1
shift
log=.venv/install.log
needed_mib=8000
download_gb=3.2

fail() {
    echo "lossbasins: $1" >&2
    exit 1
}

version=$("$PYTHON" --version 2>&1) || fail "no '$PYTHON' here; install Python 3.11 or newer, or name one: make PYTHON=python3.12"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$version is too old; Python 3.11 or newer is needed: make PYTHON=python3.12"
if [ ! -x .venv/bin/python ]; then
    free_mib=$(df -Pm . | awk 'NR == 2 {print $4}')
    [ "$free_mib" -ge "$needed_mib" ] || fail "$free_mib MiB of disk are free here; the environment needs $needed_mib MiB"
    "$PYTHON" -m venv .venv >/dev/null 2>&1 || {
        rm -rf .venv
        fail "$version cannot make a virtual environment; install its venv module (Debian: apt install python3-venv)"
    }
fi

# Names each large file once its download has begun, for as long as this script runs.
name_downloads() {
    told=0
    while sleep 1 && kill -0 $$ 2>/dev/null; do
        sed -n 's/^ *Downloading \([^ ]*\) (\([0-9]\{2,\}\.[0-9]* MB\|[0-9.]* GB\)).*/  \1, \2/p' "$log" >"$log.large"
        tail -n "+$((told + 1))" "$log.large"
        told=$(wc -l <"$log.large")
    done
}

echo "Downloading the $(grep -c '==' "$lock") packages of $lock into .venv: $download_gb GB, most of it PyTorch for GPUs."
echo "That takes 3 minutes at 150 Mbit/s, 25 at 20; details in $log, and these are the large ones:"
: >"$log"
name_downloads &
.venv/bin/pip install --require-hashes --retries 2 --requirement "$lock" >"$log" 2>&1 &&
    .venv/bin/pip install --no-deps --no-build-isolation --editable . >>"$log" 2>&1 || {
    grep -q 'No space left on device' "$log" && fail "the disk is full; the environment needs $needed_mib MiB"
    grep -Eq 'Failed to establish a new connection|Connection refused|Temporary failure|timed out|ProxyError' "$log" &&
        fail "the package index cannot be reached; check the network, then run make again"
    fail "the installation failed: $(grep -m 1 '^ERROR' "$log"); see $log"
}
touch "$@"
