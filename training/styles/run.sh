#!/bin/sh
# The whole recipe: measure two corpora of acted speech, write the table that the styles are made of.
# Usage: training/styles/run.sh DATA_FOLDER [WORK_FOLDER]; DATA_FOLDER holds ravdess/ and emodb/ with their metadata.csv.
set -eu
: "${PYTHON:=python}"
data=$1
work=${2:-$(mktemp -d)}
for corpus in ravdess emodb; do
    "$PYTHON" -m training.styles.measure "$data/$corpus" "$work/$corpus.csv"
done
"$PYTHON" -m training.styles.summarise "$work/ravdess.csv" "$work/emodb.csv" services/tts/styles/emotions.json --levelled emodb
