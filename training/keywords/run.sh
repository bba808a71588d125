#!/bin/sh
# The whole recipe: folder of words in, judged run and model folder out. A stopped call goes on where it was.
#   training/keywords/run.sh DATA OUT [SEED]        DATA may be several folders, in one argument
# DATA: folders with a sub-folder a word, as Speech Commands. SPEECH: folders of read speech (LibriSpeech).
# KEYWORDS: words to serve, separated by commas. MODELS: the model store (default: OUT/models). NAME, VERSION: the
# model's. FACTS: JSON of the recordings' licences, for manifest and card. EPOCHS, TEACHER_EPOCHS, THREADS. LISTEN: further folders of
# speech, only measured. EVERYONE=1: the weights served learn from all speakers, by the same recipe. AMOUNTS=1: measure
# what more data brings. SEED_CNN=1: train the seed's CNN, too. NETWORK: what is served. TEACHERS: networks that it learns
# from beside the labels, each trained first; empty: none.
set -eu
data=$1 out=$2 seed=${3:-1}
: "${PYTHON:=python}" "${SPEECH:=}" "${KEYWORDS:=}" "${THREADS:=2}" "${LISTEN:=}" "${NETWORK:=resnet}"
: "${EPOCHS:=150}" "${TEACHERS=wide-resnet wide-attentive}" "${TEACHER_EPOCHS:=200}"
: "${MODELS:=$out/models}" "${NAME:=keywords}" "${VERSION:=1}" "${EVERYONE:=}" "${AMOUNTS:=}" "${SEED_CNN:=}" "${FACTS:=}"
# BLAS's own threads only wait for each other on work as small as a clip's.
export TF_CPP_MIN_LOG_LEVEL=3 OPENBLAS_NUM_THREADS=1
run() { "$PYTHON" -m "training.keywords.$@"; }
learn() { # FOLDER NETWORK EPOCHS [OPTION...]
    folder=$1 network=$2 epochs=$3
    shift 3
    case $network in *attentive) rate=0.0015 ;; *) rate=0.004 ;; esac
    run train "$out/prepared" "$folder" --model "$network" --seed "$seed" --epochs "$epochs" --threads "$THREADS" \
        --rate "$rate" ${KEYWORDS:+--keywords "$KEYWORDS"} "$@"
}

mkdir -p "$out"
if [ ! -e "$out/prepared/summary.json" ]; then
    set --
    for folder in $SPEECH; do set -- "$@" --speech "$folder"; done
    # shellcheck disable=SC2086  # one word a folder
    run prepare $data "$out/prepared" "$@"
fi
taught=
for teacher in $TEACHERS; do
    learn "$out/$teacher" "$teacher" "$TEACHER_EPOCHS"
    taught=${taught:+$taught,}$out/$teacher
done
learn "$out/judged" "$NETWORK" "$EPOCHS" ${taught:+--smoothing 0 --teachers "$taught"}
final=$out/judged
if [ -n "$EVERYONE" ]; then
    final=$out/everyone
    # About as many steps as the judged run.
    learn "$final" "$NETWORK" "$((EPOCHS * 3 / 4))" --everyone true ${taught:+--smoothing 0 --teachers "$taught"}
fi
set --
if [ -n "$AMOUNTS" ]; then
    run learning_curve "$out/prepared" "$out/amounts" --model "$NETWORK" --seed "$seed" --epochs "$(((EPOCHS + 3) / 4))" \
        --threads "$THREADS" ${KEYWORDS:+--keywords "$KEYWORDS"}
fi
if [ -n "$SEED_CNN" ]; then
    [ -e "$out/seed/seed.json" ] ||
        run seed "$out/prepared" "$out/seed" --threads "$THREADS" ${KEYWORDS:+--keywords "$KEYWORDS"}
    set -- --seed-cnn "$out/seed"
fi
for folder in $LISTEN; do set -- "$@" --speech "$folder"; done
if [ -n "$FACTS" ]; then set -- "$@" --data "$FACTS"; fi
run package "$out/judged" "$out/prepared" "$MODELS" --name "$NAME" --version "$VERSION" --final "$final" "$@"
