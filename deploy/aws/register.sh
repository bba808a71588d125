#!/bin/sh
# The zip of the function that registers what training jobs make (register.yaml), for Lambda's Python 3.13 on x86:
#   deploy/aws/register.sh [ZIP]        PYTHON: one that has pip 25.1 or later
set -eu
cd "$(dirname "$0")/../.."
zip=$(realpath -m "${1:-timbre-register.zip}") build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
: "${PYTHON:=python3}"
"$PYTHON" -m pip install -q --disable-pip-version-check --group register -c constraints.txt --target "$build" \
    --only-binary :all: --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 --python-version 3.13
cp -r shared jobs "$build"
find "$build" -name __pycache__ -prune -exec rm -r {} +
"$PYTHON" - "$build" "$zip" <<'CODE'
import shutil, sys
shutil.make_archive(sys.argv[2].removesuffix(".zip"), "zip", sys.argv[1])
CODE
