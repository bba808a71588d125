// Records a voice, sends it to POST /v1/audio/speaker, and shows what comes back. All texts are set as text.
"use strict";

const LONGEST_SECONDS = 60;
const REASONS = {
  no_speech: "no speech was heard",
  too_little_speech: "too little speech was heard",
  several_voices: "several voices were heard",
  uncertain: "the voice could not be told surely",
  not_served: "no model for it runs here",
};
const part = (id) => document.getElementById(id);
let recorder = null;

function say(text) {
  part("status").textContent = text;
}

function percent(score) {
  return `${Math.round(100 * score)} %`;
}

function unknown(reason) {
  return `unknown: ${REASONS[reason] ?? reason}`;
}

function genderText({ label, scores, reason }) {
  const told = reason ? unknown(reason) : label;
  const isWeighed = !reason || reason === "uncertain";
  return isWeighed ? `${told} (female ${percent(scores.female)}, male ${percent(scores.male)})` : told;
}

function ageText({ years, interval, group, reason }) {
  if (reason) return unknown(reason);
  const [low, high] = interval.map(Math.round);
  return `about ${Math.round(years)} years (${group}); between ${low} and ${high} in eight cases of ten`;
}

function modelText({ model, licence, noncommercial }) {
  return `${model}: ${licence}${noncommercial ? "; not for commercial use" : ""}`;
}

function show(answer) {
  part("gender").textContent = genderText(answer.gender);
  part("age").textContent = ageText(answer.age);
  part("speech").textContent = `${answer.speech_seconds} seconds`;
  part("models").replaceChildren(
    ...answer.models.map((model) => Object.assign(document.createElement("li"), { textContent: modelText(model) })),
  );
  part("answer").hidden = false;
  say("");
}

function clear() {
  part("answer").hidden = true;
  part("models").replaceChildren();
}

async function judge(recording) {
  clear();
  say("Listening ...");
  const form = new FormData();
  form.append("file", recording, "recording");
  const headers = { Authorization: `Bearer ${part("key").value.trim()}` };
  try {
    const response = await fetch("/v1/audio/speaker", { method: "POST", headers, body: form });
    const answer = await response.json();
    if (response.ok) show(answer);
    else say(answer.detail ?? answer.title);
  } catch {
    say("No answer came, or the key has letters that no key has. Try again.");
  }
}

async function record() {
  if (!part("key").reportValidity()) return;
  if (!navigator.mediaDevices) {
    say("Browsers let pages record only at https:// or localhost. Choose a file instead.");
    return;
  }
  clear();
  try {
    start(await navigator.mediaDevices.getUserMedia({ audio: true }));
  } catch (error) {
    say(`There is no microphone to record with: ${error.message}`);
  }
}

function start(stream) {
  const pieces = [];
  const clock = setTimeout(stop, 1000 * LONGEST_SECONDS);
  recorder = new MediaRecorder(stream);
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  recorder.onstop = () => {
    clearTimeout(clock);
    stream.getTracks().forEach((track) => track.stop());
    allow(true);
    judge(new Blob(pieces, { type: recorder.mimeType }));
  };
  recorder.start();
  allow(false);
  say(`Recording, for ${LONGEST_SECONDS} seconds at most.`);
}

function allow(recording) {
  part("record").disabled = part("file").disabled = !recording;
  part("stop").disabled = recording;
}

function stop() {
  if (recorder?.state === "recording") recorder.stop();
}

function choose() {
  const [file] = part("file").files;
  if (file && part("key").reportValidity()) judge(file);
  part("file").value = "";
}

part("record").addEventListener("click", record);
part("stop").addEventListener("click", stop);
part("file").addEventListener("change", choose);
