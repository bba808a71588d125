#!/bin/sh
# The proof as Mozilla did it: learn one sentence by heart, and make the network a model that is served.
#   TEXT="what is said" LICENCE="of the recording" training/deepspeech/run.sh RECORDING OUT [SEED]
# TEXT: default is RECORDING's neighbour of the same name in .txt, as LDC93S1 has it (numbers before the words are left
# out). HIDDEN: width of the layers. SCORER: a .scorer to serve with. MODELS: the model store (default: OUT/models).
# NAME, VERSION: the model's. THREADS.
set -eu
recording=$1 out=$2 seed=${3:-1}
: "${PYTHON:=python}" "${HIDDEN:=100}" "${THREADS:=1}" "${MODELS:=$out/models}" "${NAME:=sentence}" "${VERSION:=1}"
: "${LICENCE:=as the recording}" "${SCORER:=}"
: "${TEXT:=$(sed 's/^[0-9 ]*//; s/[.?!,]//g' "${recording%.*}.txt")}"
# BLAS's own threads only wait for each other on work as small as this.
export TF_CPP_MIN_LOG_LEVEL=3 OPENBLAS_NUM_THREADS=1
run() { "$PYTHON" -m "training.deepspeech.$@"; }

run train "$recording" "$TEXT" "$out" --hidden "$HIDDEN" --seed "$seed" --threads "$THREADS"
run package "$out" "$MODELS" --name "$NAME" --version "$VERSION" --licence "$LICENCE" ${SCORER:+--scorer "$SCORER"}
