#!/bin/sh
# The whole recipe: recordings in, a voice in the model store out. A stopped call goes on where it was.
#   training/voices/run.sh DATA OUT [SEED]
# DATA: folder or s3://bucket/prefix with metadata.csv (id|text|normalised) and wavs/, or a folder of that for each emotion.
# NAME: the voice's. CONSENT: the statement of whose voice it is that they agree, or CONSENT_FILE: a file with it; without
# it nothing is learned. SPEAKER: their name (default: the voice's). CONSENT_DATE (default: today), CONSENT_RECORD: where it
# is kept. DISPLAY_NAME, GENDER: female, male or neutral. LICENCE: of the voice. FACTS: JSON of the recordings' licences.
# NETWORK: world (ours, on a CPU) or vits (on a GPU). LANGUAGE: as espeak-ng calls it. EPOCHS, THREADS. BASE: OUT of another
# voice, to learn this one on top of. MODELS: the model store, a folder or s3:// (default: OUT/models). VERSION: of the
# voice (default: the next number that is free). UNCHECKED=1: learn whatever the check says of the recordings.
set -eu
data=$1 out=$2 seed=${3:-1}
: "${PYTHON:=python}" "${NAME:=}" "${CONSENT:=}" "${CONSENT_FILE:=}" "${SPEAKER:=$NAME}" "${CONSENT_DATE:=}" "${CONSENT_RECORD:=}"
: "${DISPLAY_NAME:=}" "${GENDER:=neutral}" "${LICENCE:=}" "${FACTS:=}" "${NETWORK:=world}" "${LANGUAGE:=en-us}" "${EPOCHS:=}"
: "${THREADS:=}" "${BASE:=}" "${MODELS:=$out/models}" "${VERSION:=}" "${UNCHECKED:=}"
# BLAS's own threads only wait for each other on work as small as a sentence's.
export OPENBLAS_NUM_THREADS=1
say() { printf '== %s\n' "$*"; }
run() { module=$1; shift; "$PYTHON" -m "training.voices.$module" "$@"; }

run terms "$out/terms.json" --name "$NAME" --speaker-name "$SPEAKER" --consent "$CONSENT" --gender "$GENDER" \
    --consent-date "$CONSENT_DATE" --consent-record "$CONSENT_RECORD" --display-name "$DISPLAY_NAME" --licence "$LICENCE" \
    --recordings "$data" ${CONSENT_FILE:+--consent-file "$CONSENT_FILE"} ${FACTS:+--data "$FACTS"} \
    ${BASE:+--base "$BASE/terms.json"}
case $NETWORK in
world | vits) ;;
*) echo "NETWORK is world or vits." >&2; exit 2 ;;
esac
case $data in
s3://*)
    say "recordings"
    run fetch "$data" "$out/recordings"
    data=$out/recordings
    ;;
esac
if [ ! -e "$out/checked" ]; then
    say "check"
    run check "$data" "$out/check" --language "$LANGUAGE" || [ -n "$UNCHECKED" ]
    : >"$out/checked"
fi
say "prepare"
run "$NETWORK.prepare" "$data" "$out/prepared" --language "$LANGUAGE"
say "train"
run "$NETWORK.train" "$out/prepared" "$out/run" --seed "$seed" ${EPOCHS:+--epochs "$EPOCHS"} \
    ${THREADS:+--threads "$THREADS"} ${BASE:+--base "$BASE/run"}
if [ ! "$out/network/facts.json" -nt "$out/run/history.jsonl" ]; then
    say "export"
    run "$NETWORK.export" "$out/run" "$out/network"
fi
say "evaluate"
run evaluate "$data" "$out/network" "$out/evaluation" --run "$out/run"
say "register"
run package "$out/network" "$out/evaluation" "$out/terms.json" "$MODELS" ${VERSION:+--version "$VERSION"}
