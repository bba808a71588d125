#!/bin/sh
# The whole recipe: folder of words in, judged run and model folder out. A stopped call goes on where it was.
#   training/keywords/run.sh DATA OUT [SEED]
# DATA: a sub-folder a word, as Speech Commands. SPEECH: a folder of read speech without commands (LibriSpeech).
# KEYWORDS: words to serve, separated by commas. MODELS: the model store (default: OUT/models). NAME, VERSION: the
# model's. EPOCHS, THREADS. LISTEN: further folders of speech, only measured. EVERYONE=1: the weights served learn from
# all speakers, by the same recipe. AMOUNTS=1: measure what more data brings. SEED_CNN=1: train the seed's CNN, too.
set -eu
data=$1 out=$2 seed=${3:-1}
: "${PYTHON:=python}" "${SPEECH:=}" "${KEYWORDS:=}" "${EPOCHS:=80}" "${THREADS:=2}" "${LISTEN:=}"
: "${MODELS:=$out/models}" "${NAME:=keywords}" "${VERSION:=1}" "${EVERYONE:=}" "${AMOUNTS:=}" "${SEED_CNN:=}"
export TF_CPP_MIN_LOG_LEVEL=3
run() { "$PYTHON" -m "training.keywords.$@"; }

mkdir -p "$out"
if [ ! -e "$out/prepared/summary.json" ]; then
    # shellcheck disable=SC2086  # one word a folder
    run prepare "$data" "$out/prepared" ${SPEECH:+--speech "$SPEECH"}
fi

# learn FOLDER [OPTION...]: two large networks, then the small one that learns from both and from the labels
learn() {
    folder=$1
    shift
    for number in 1 2; do
        run train "$out/prepared" "$folder/teacher$number" --model teacher --seed "$seed$number" --epochs "$EPOCHS" \
            --threads "$THREADS" ${KEYWORDS:+--keywords "$KEYWORDS"} "$@"
    done
    run train "$out/prepared" "$folder/student" --seed "$seed" --epochs "$((EPOCHS * 3 / 2))" --threads "$THREADS" \
        ${KEYWORDS:+--keywords "$KEYWORDS"} --teachers "$folder/teacher1" "$folder/teacher2" "$@"
}

learn "$out/judged"
final=$out/judged/student
if [ -n "$EVERYONE" ]; then
    learn "$out/final" --everyone true
    final=$out/final/student
fi
if [ -n "$AMOUNTS" ]; then run learning_curve "$out/prepared" "$out/judged/amounts" --threads "$THREADS"; fi
if [ -n "$SEED_CNN" ]; then run seed "$out/prepared" "$out/judged/seed" --threads "$THREADS"; fi

set -- package "$out/judged/student" "$out/prepared" "$MODELS" --name "$NAME" --version "$VERSION" --final "$final"
for folder in $LISTEN; do set -- "$@" --speech "$folder"; done
run "$@"
