#!/bin/sh
# Resolves pyproject.toml into the two lock files, the same versions in both.
set -eu
options='--universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-emit-index-url --no-header --quiet'
uv pip compile pyproject.toml $options --extra study --output-file requirements.lock
uv pip compile pyproject.toml $options --extra study --extra dev --extra docs --constraint requirements.lock --output-file requirements-dev.lock
