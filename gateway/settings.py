"""Settings of the gateway."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from gateway.key_store import is_strong
from gateway.locations import canonical
from shared.listed import listed
from shared.problems import InvalidInput
from shared.settings import ServiceSettings


class GatewaySettings(ServiceSettings):
    """Read from `TIMBRE_<FIELD>`."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)  # a key must not stand in an error message

    keys: Path = Path(".timbre/keys.json")
    """File of API keys: names, ids and SHA-256 hashes, never the keys themselves."""
    api_key: SecretStr | None = None
    """A key of your own: 40 to 256 random letters, digits, `-` or `_`. Without it the first start makes one."""
    models: str = "models"
    """Where models lie: a folder or s3://bucket/prefix; the gateway only lists them."""
    models_cache: str = ".timbre/models"
    """Local folder for copies of models that lie in S3; the same setting as the services'."""
    tts_url: str = Field(default="http://127.0.0.1:8102", pattern="^https?://")
    """Base address of the TTS service."""
    sentiment_url: str = Field(default="http://127.0.0.1:8103", pattern="^https?://")
    """Base address of the sentiment service."""
    keywords_url: str = Field(default="", pattern="^(https?://|$)")
    """Base address of the keywords service, which the gateway only watches; empty: it does not."""
    stt_url: str = Field(default="", pattern="^(https?://|$)")
    """Base address of the speech-to-text service, which the gateway watches, and whose models it lists; empty: none."""
    speaker_url: str = Field(default="", pattern="^(https?://|$)")
    """Base address of the speaker service; empty: this Timbre runs none."""
    database: str = ".timbre/jobs.sqlite"
    """Where jobs are kept: a SQLite file, or postgresql://... where several machines share the work."""
    data: str = ".timbre/data"
    """Where files, and texts and sound of jobs, are stored: a folder or s3://bucket/prefix."""
    speaker_results: str = ""
    """Where predictions about speakers are kept: dynamodb://table; empty: in the database of the jobs."""
    speaker_queue: str = Field(default="", pattern="^(https?://|$)")
    """Address of an SQS queue that the bucket of `TIMBRE_DATA` tells of recordings; empty: jobs call the service."""
    batch_locations: str = ""
    """Buckets (s3://bucket/prefix) and folders (absolute paths), with commas between them, whose recordings everybody
    who has a key may have written down by jobs, as well as places inside them; empty: none. A worker that has this
    setting does such jobs, and needs the packages of `services/stt`."""
    voice_training_locations: str = ""
    """The same for recordings of which everybody who has a key may have voices trained, which then everybody hears;
    empty: none."""
    media_locations: str = ""
    """The same for single recordings and texts that jobs read, such as Transcribe's media and Comprehend's documents;
    empty: none."""
    media_inside: bool = False
    """Whether media may be fetched from private addresses too, and by http; leave it off where those who have keys are
    not your own people."""
    output_locations: str = ""
    """The same for where jobs write what callers want in a bucket of their own, such as Transcribe's, Polly's and
    Comprehend's output; empty: nowhere."""
    jobs_waiting: int = Field(default=1_000, ge=1)
    """Jobs that may wait or run, over all callers; more are answered with 429."""
    jobs_per_key: int = Field(default=200, ge=1)
    """Jobs of one API key that may wait or run; more are answered with 429."""
    files_per_key: int = Field(default=1_000, ge=1)
    """Files that one API key keeps; more are answered with 507."""
    files_bytes_per_key: int = Field(default=1_073_741_824, ge=1)
    """Bytes that the files of one API key hold together; more are answered with 507."""
    retention_days: float = Field(default=30.0, gt=0)
    """How long an ended job and all that it stored are kept, and how long a file is kept at most."""
    default_voice: str = "slt"
    """Voice of a request that names none; the same setting as the TTS service's."""
    max_characters: int = Field(default=200_000, ge=1)
    """Longest text of one request, markup included; the same setting as the TTS service's."""
    sentiment_batch: int = Field(default=48, ge=1)
    """Sentences sent to the sentiment service in one call."""
    sentiment_calls: int = Field(default=3, ge=1)
    """Calls to the sentiment service that one request makes at once."""
    voices_seconds: float = Field(default=5.0, ge=0)
    """How long the list of voices is kept before the TTS service is asked again."""
    models_seconds: float = Field(default=5.0, ge=0)
    """How long the list of models is kept before the store is asked again."""
    watch_seconds: float = Field(default=1.0, gt=0)
    """How often the services behind the gateway are asked whether they are ready."""
    connect_seconds: float = Field(default=2.0, gt=0)
    """Longest wait for a connection to a service."""
    call_seconds: float = Field(default=60.0, gt=0)
    """Longest wait for the whole of a short answer, and for the next piece of a stream."""
    dns_seconds: int = Field(default=2, ge=0)
    """How long a service's addresses are kept, so that new replicas are found."""
    connections: int = Field(default=256, ge=1)
    """Connections to the services altogether."""

    @property
    def predictions(self) -> str:
        """Where predictions are kept, as `open_predictions` takes it."""
        return self.speaker_results or self.database

    def allowed_locations(self, setting: str) -> list[str]:
        """Return where jobs may go, each in its one spelling, as a setting tells it."""
        # As they were made canonical: not `listed` again, as the name of a folder may end in a space.
        return list(filter(None, getattr(self, setting).split(",")))

    @field_validator("batch_locations", "voice_training_locations", "media_locations", "output_locations")
    @classmethod
    def _are_locations(cls, told: str) -> str:
        try:
            return ",".join(canonical(location) for location in listed(told))
        except InvalidInput as problem:
            raise ValueError(problem.detail) from problem

    @model_validator(mode="after")
    def _has_a_bucket_for_the_queue(self) -> Self:
        if self.speaker_queue and not self.data.startswith("s3://"):
            raise ValueError("TIMBRE_SPEAKER_QUEUE needs TIMBRE_DATA=s3://bucket, which tells the queue of recordings")
        return self

    @field_validator("api_key")
    @classmethod
    def _is_strong_or_absent(cls, key: SecretStr | None) -> SecretStr | None:
        if key is None or not key.get_secret_value():
            return None
        if not is_strong(key.get_secret_value()):
            raise ValueError("an API key has 40 to 256 random letters, digits, '-' or '_'")
        return key
