#!/bin/sh
# Gathers wheels for a machine that has PyTorch but no network: wheelhouse.sh FOLDER [PYTHON_VERSION [PACKAGE...]]
# For Linux on x86-64, in the versions and with the hashes of the lock. Each PACKAGE is one more that is missing there.
set -eu
lock=$(dirname "$0")/../requirements-dev.lock
[ $# -ge 1 ] || {
    echo "wheelhouse: name a folder: envs/wheelhouse.sh FOLDER [PYTHON_VERSION [PACKAGE...]]" >&2
    exit 2
}
folder=$1
python=${2:-3.12}
[ $# -lt 3 ] && set -- || shift 2
# What jobs import beside PyTorch, NumPy, SciPy, pandas, Pillow and rich; then a peer that benchmarks compare with.
set -- pydantic pydantic-core annotated-types typing-inspection typing-extensions grimp safetensors \
    curvlinops-for-pytorch backpack-for-pytorch einconv einops linear-operator opt-einsum tqdm "$@"
for package in "$@"; do
    grep -q "^$package==" "$lock" || {
        echo "wheelhouse: no '$package' in requirements-dev.lock; name packages as it does" >&2
        exit 1
    }
done
wanted=$(mktemp)
trap 'rm -f "$wanted"' EXIT
awk -v names="$*" 'BEGIN { split(names, list, " "); for (i in list) wanted[list[i]] }
    /^[a-z]/ { split($0, parts, "=="); inside = parts[1] in wanted }
    inside' "$lock" >"$wanted"
python3 -m pip download --quiet --no-deps --require-hashes --only-binary :all: --implementation cp --python-version "$python" \
    $(printf -- '--platform manylinux_2_%s_x86_64 ' 28 27 24 17 12 5) --dest "$folder" --requirement "$wanted"
