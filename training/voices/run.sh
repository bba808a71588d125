#!/bin/sh
# The whole recipe: recordings in, a voice in the model store out. A stopped call goes on where it was.
#   training/voices/run.sh DATA OUT [SEED]
# DATA: folder or s3://bucket/prefix with metadata.csv (id|text|normalised) and wavs/, or a folder of that for each
# emotion. NAME: the voice's. CONSENT: the statement of whose voice it is that they agree, or CONSENT_FILE: a file with
# it; without it nothing is learned. SPEAKER: their name (default: the voice's). CONSENT_DATE (default: today),
# CONSENT_RECORD: where it is kept. DISPLAY_NAME, GENDER: female, male or neutral. LICENCE: of the voice. FACTS: JSON
# of the recordings' licences. NETWORK: world (ours, on a CPU) or vits (on a GPU; SIZE: medium, standard: slower, or
# small to try things). LANGUAGE: as espeak-ng calls it. EPOCHS, THREADS, BATCH (recordings of a step), EPOCH_STEPS (of
# vits: steps of an epoch). BASE: OUT of another voice, to learn this one on top of. MODELS: the model store, a folder
# or s3:// (default: OUT/models). VERSION: of the voice (default: the next number that is free), which becomes the one
# in use, unless UNPOINTED=1. UNCHECKED=1: learn whatever the check says of the recordings. LISTEN: to how many of them
# it listens (default: 20). NEW=1: refuse a name that the store has already. PARTS: some of its parts.
set -eu
data=$1 out=$2 seed=${3:-1}
: "${PYTHON:=python}" "${NAME:=}" "${CONSENT:=}" "${CONSENT_FILE:=}" "${SPEAKER:=$NAME}" "${CONSENT_DATE:=}"
: "${CONSENT_RECORD:=}"
: "${DISPLAY_NAME:=}" "${GENDER:=neutral}" "${LICENCE:=}" "${FACTS:=}" "${NETWORK:=world}" "${SIZE:=}" "${LANGUAGE:=en-us}"
: "${EPOCHS:=}" "${THREADS:=}" "${BATCH:=}" "${EPOCH_STEPS:=}" "${BASE:=}" "${MODELS:=$out/models}" "${VERSION:=}"
: "${UNCHECKED:=}" "${UNPOINTED:=}"
: "${NEW:=}" "${LISTEN:=}" "${PARTS:=check prepare train export evaluate register}"
# BLAS's own threads only wait for each other on work as small as a sentence's.
export OPENBLAS_NUM_THREADS=1
run() { # MODULE [ARGUMENT...]
    module=$1
    shift
    printf '== %s\n' "$module"
    "$PYTHON" -m "training.voices.$module" "$@"
}

wants() { # STEP: whether it is to be done
    case " $PARTS " in
    *" $1 "*) ;;
    *) return 1 ;;
    esac
}

case $NETWORK in
world | vits) ;;
*) echo "NETWORK is world or vits." >&2; exit 2 ;;
esac
if wants check; then
    run terms "$out/terms.json" --name "$NAME" --speaker-name "$SPEAKER" --consent "$CONSENT" --gender "$GENDER" \
        --consent-date "$CONSENT_DATE" --consent-record "$CONSENT_RECORD" --display-name "$DISPLAY_NAME" \
        --licence "$LICENCE" --recordings "$data" ${CONSENT_FILE:+--consent-file "$CONSENT_FILE"} \
        ${FACTS:+--data "$FACTS"} ${BASE:+--base "$BASE/terms.json"} ${NEW:+--new-in "$MODELS"}
fi
case $data in
s3://*)
    if wants check; then run fetch "$data" "$out/recordings"; fi
    data=$out/recordings
    ;;
esac
if wants check && [ ! -e "$out/checked" ]; then
    run check "$data" --language "$LANGUAGE" --json "$out/check.json" --html "$out/check.html" \
        ${LISTEN:+--stt "$LISTEN"} || [ -n "$UNCHECKED" ]
    : >"$out/checked"
fi
rate_hz= # what is learned on top of another voice has that voice's
if [ -n "$BASE" ]; then rate_hz=$(sed -n 's/.*"sample_rate_hz": \([0-9]*\).*/\1/p' "$BASE/network/facts.json"); fi
if wants prepare; then
    run "$NETWORK.prepare" "$data" "$out/prepared" --language "$LANGUAGE" ${rate_hz:+--rate-hz "$rate_hz"}
fi
if wants train; then
    run "$NETWORK.train" "$out/prepared" "$out/run" --seed "$seed" ${EPOCHS:+--epochs "$EPOCHS"} \
        ${THREADS:+--threads "$THREADS"} ${BATCH:+--batch "$BATCH"} ${EPOCH_STEPS:+--steps "$EPOCH_STEPS"} ${BASE:+--base "$BASE/run"} ${SIZE:+--size "$SIZE"}
fi
if wants export && [ ! "$out/network/facts.json" -nt "$out/run/history.jsonl" ]; then
    run "$NETWORK.export" "$out/run" "$out/network"
fi
if wants evaluate; then run evaluate "$data" "$out/network" "$out/evaluation" --run "$out/run"; fi
if wants register; then
    run package "$out/network" "$out/evaluation" "$out/terms.json" "$MODELS" ${VERSION:+--version "$VERSION"} \
        ${UNPOINTED:+--unpointed} ${NEW:+--new}
fi
