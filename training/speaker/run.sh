#!/bin/sh
# The whole recipe: catalogue of recordings in, judged run and model folder out. A stopped call goes on where it was.
#   training/speaker/run.sh DATA OUT [SEED]
# DATA: the catalogue that `timbre dataset` keeps, dynamodb://TABLE, or a folder of data sets (gather.py tells which).
# TASK: gender or age. DATA_SETS: those to learn from, separated by commas (default: all); the others are judged with.
# VERSIONS: of each recording, the first as it is. EPOCHS, STEPS, THREADS. MODELS: the model store (default: OUT/models).
# NAME, VERSION: the model's. EVERYONE=1: the weights served learn from all speakers, by the same recipe. LEAKY=1: train
# once more with a split by clips, to show what that pretends. PREPARED: where prepare writes, so that tasks share it.
# NO_SPEECH: folder of recordings in which nobody speaks, to judge with.
# FACTS: JSON of the recordings' licences, for the manifest (default: facts.json in a folder of data sets).
# LICENCE: of the weights (default: Apache-2.0); it has to allow no commercial use where some of the recordings do not.
set -eu
data=$1 out=$2 seed=${3:-1}
: "${PYTHON:=python}" "${TASK:=gender}" "${DATA_SETS:=}" "${VERSIONS:=6}" "${EPOCHS:=24}" "${STEPS:=200}" "${THREADS:=2}"
: "${MODELS:=$out/models}" "${NAME:=$TASK}" "${VERSION:=1}" "${EVERYONE:=}" "${LEAKY:=}" "${FACTS:=}" "${LICENCE:=}" "${NO_SPEECH:=}" "${PREPARED:=$out/prepared}"
# BLAS's own threads only wait for each other on work as small as a clip's.
export TF_CPP_MIN_LOG_LEVEL=3 OPENBLAS_NUM_THREADS=1
run() { "$PYTHON" -m "training.speaker.$@"; }
learn() { # FOLDER [OPTION...]
    folder=$1
    shift
    run train "$PREPARED" "$folder" --task "$TASK" --seed "$seed" --epochs "$EPOCHS" --steps "$STEPS" \
        --threads "$THREADS" ${DATA_SETS:+--data-sets "$DATA_SETS"} "$@"
}

mkdir -p "$out"
if [ -d "$data" ]; then
    if [ -z "$FACTS" ] && [ -e "$data/facts.json" ]; then FACTS=$data/facts.json; fi
    run gather "$data" "$out/catalogue.sqlite"
    data=$out/catalogue.sqlite
fi
run prepare "$data" "$PREPARED" --versions "$VERSIONS"
learn "$out/$TASK"
set --
if [ -n "$FACTS" ]; then set -- --data "$FACTS"; fi
if [ -n "$NO_SPEECH" ]; then set -- "$@" --no-speech "$NO_SPEECH"; fi
if [ -n "$LICENCE" ]; then set -- "$@" --licence "$LICENCE"; fi
if [ -n "$EVERYONE" ]; then
    learn "$out/$TASK-everyone" --everyone
    set -- "$@" --final "$out/$TASK-everyone"
fi
if [ -n "$LEAKY" ] && [ "$TASK" = gender ]; then
    learn "$out/$TASK-leaky" --leaky
    set -- "$@" --leaky "$out/$TASK-leaky"
fi
run package "$out/$TASK" "$PREPARED" "$MODELS" --name "$NAME" --version "$VERSION" "$@"
