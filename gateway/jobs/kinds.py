"""The kinds of jobs there are. A new one is a line here, its input, and a class that does the work."""

from dataclasses import dataclass

from pydantic import BaseModel

from gateway.jobs.batch_transcription_input import BatchTranscriptionInput
from gateway.jobs.emotional_speech_input import EmotionalSpeechInput
from gateway.jobs.names import BATCHES, CHORES, QUEUE, SENTIMENTS, SHARE, SHARES, TRAININGS, TRANSCRIPTIONS
from gateway.jobs.sentiment_detection_input import SentimentDetectionInput
from gateway.jobs.speaker_prediction_input import SpeakerPredictionInput
from gateway.jobs.speech_synthesis_input import SpeechSynthesisInput
from gateway.jobs.transcription_input import TranscriptionInput
from gateway.jobs.voice_training_input import VoiceTrainingInput


@dataclass(frozen=True, slots=True)
class Kind:
    """What the gateway must know of a kind to take its jobs, and the worker to do them."""

    input: type[BaseModel]
    phases: tuple[str, ...]
    """Names of the steps in order, as callers see them."""
    divided: frozenset[str]
    """Those of them that are made in as many parts as an earlier step says."""
    work: str
    """module:class, imported by workers only: the gateway's process needs no codecs."""
    services: tuple[str, ...]
    """Those that its steps call, as the settings name them; where one is not run, the kind is refused."""
    recordings: tuple[str, ...] = ()
    """Members of the input that name files of the caller; each must be audio."""
    locations: tuple[str, ...] = ()
    """Members of the input that name buckets or folders; each must be among those that the operator allows."""
    allowed: str = "batch_locations"
    """The setting that tells which these are."""
    media: tuple[str, ...] = ()
    """Members of the input that name what a job reads, by address; those in buckets must be where that is allowed."""
    outputs: tuple[str, ...] = ()
    """Members of the input that name where a job writes; each must be where that is allowed."""
    queue: str = QUEUE
    """Where its jobs wait."""


KINDS = {
    "emotional-speech": Kind(
        EmotionalSpeechInput,
        ("store", "tag", "speak", "join"),
        frozenset({"speak"}),
        "gateway.jobs.emotional_speech:EmotionalSpeech",
        services=("tts", "sentiment"),
    ),
    "speech-synthesis": Kind(
        SpeechSynthesisInput,
        ("read", "speak", "join"),
        frozenset({"speak"}),
        "gateway.jobs.speech_synthesis:SpeechSynthesis",
        services=("tts",),
        outputs=("output",),
    ),
    "speaker-prediction": Kind(
        SpeakerPredictionInput,
        ("predict",),
        frozenset(),
        "gateway.jobs.speaker_prediction:SpeakerPrediction",
        services=("speaker",),
        recordings=("file",),
    ),
    "batch-transcription": Kind(
        BatchTranscriptionInput,
        ("plan", "transcribe", "count"),
        frozenset({"transcribe"}),
        "jobs.batch_transcription:BatchTranscription",
        services=(),
        locations=("url",),
        queue=BATCHES,
    ),
    "transcription": Kind(
        TranscriptionInput,
        ("fetch", "transcribe", "write"),
        frozenset({"transcribe"}),
        "gateway.jobs.transcription:Transcription",
        services=("stt",),
        recordings=("file",),
        media=("url",),
        outputs=("output",),
        queue=TRANSCRIPTIONS,
    ),
    "sentiment-detection": Kind(
        SentimentDetectionInput,
        ("read", "detect", "join"),
        frozenset({"detect"}),
        "gateway.jobs.sentiment_detection:SentimentDetection",
        services=("sentiment",),
        locations=("url",),
        allowed="media_locations",
        outputs=("output",),
        queue=SENTIMENTS,
    ),
    "voice-training": Kind(
        VoiceTrainingInput,
        ("check", "prepare", "train", "export", "evaluate", "register"),
        frozenset(),
        "jobs.voice_training:VoiceTraining",
        services=(),
        locations=("url",),
        allowed="voice_training_locations",
        queue=TRAININGS,
    ),
}


def queue_of(name: str) -> str:
    """Return where the jobs of a kind wait, or the shares of jobs, or else chores."""
    if name in KINDS:
        return KINDS[name].queue
    return SHARES if name == SHARE else CHORES
