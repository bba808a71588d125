#!/bin/sh
# A voice that learns from another one, as proof of the recipe: training/voices/demo/run.sh OUT [MINUTES]
# The English voice of the TTS service speaks so many minutes of made-up sentences (120), training/voices/run.sh trains
# a voice on them, and its card holds the two against each other. EPOCHS, THREADS, MODELS as there.
set -eu
out=$1 minutes=${2:-120}
: "${PYTHON:=python}"
export PYTHON
if [ ! -e "$out/recordings/metadata.csv" ]; then
    "$PYTHON" -m training.voices.demo.teacher "$out/recordings" --minutes "$minutes"
fi
NAME=demo SPEAKER="SLT, of flite" GENDER=female LICENCE="BSD-like (CMU Flite)" \
    CONSENT="A made voice, taught by another made voice; CMU published the recordings of that one for synthesis." \
    exec "$(dirname "$0")/../run.sh" "$out/recordings" "$out/voice"
