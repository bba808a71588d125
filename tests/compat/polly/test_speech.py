"""SynthesizeSpeech, with POST and from presigned addresses."""

import io
import wave
from typing import Any

import av
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from shared.audio import AudioLimits, decode
from tests.compat.conftest import REGION, credentials
from tests.compat.polly.conftest import error_of, marks_of

pytestmark = pytest.mark.timeout(300)
TEXT = "The bridge is open again."
FORMATS = {
    "mp3": ("audio/mpeg", ["8000", "16000", "22050", "24000", "44100", "48000"]),
    "ogg_vorbis": ("audio/ogg", ["8000", "16000", "22050", "24000", "44100", "48000"]),
    "ogg_opus": ("audio/ogg", ["48000"]),
    "pcm": ("audio/pcm", ["8000", "16000"]),
    "mulaw": ("audio/mulaw", ["8000"]),
    "alaw": ("audio/alaw", ["8000"]),
}
HEADLESS = {"pcm": ("s16le", 2), "mulaw": ("mulaw", 1), "alaw": ("alaw", 1)}
DEFAULTS = {"mp3": 22_050, "ogg_vorbis": 22_050, "ogg_opus": 48_000, "pcm": 16_000, "mulaw": 8_000, "alaw": 8_000}


def spoken(polly: Any, **given: Any) -> dict[str, Any]:
    wanted = {"Text": TEXT, "VoiceId": "slt", "OutputFormat": "pcm"}
    answer: dict[str, Any] = polly.synthesize_speech(**{**wanted, **given})
    return answer


def seconds_and_rate(name: str, sound: bytes, rate_hz: int) -> tuple[float, int]:
    """Decode a file as players do; of one without a head the rate is what was asked for."""
    if name in HEADLESS:
        form, width = HEADLESS[name]
        with av.open(io.BytesIO(sound), format=form, options={"sample_rate": str(rate_hz)}) as container:
            samples = sum(frame.samples for frame in container.decode(audio=0))
        assert samples == len(sound) // width
        return samples / rate_hz, rate_hz
    found = decode(sound, AudioLimits())
    return found.seconds, found.sample_rate_hz


class TestFormats:
    @pytest.mark.parametrize(("name", "rate"), [(name, rate) for name, (_, rates) in FORMATS.items() for rate in rates])
    def test_every_format_at_every_rate(self, polly: Any, name: str, rate: str) -> None:
        answer = spoken(polly, OutputFormat=name, SampleRate=rate)
        assert answer["ContentType"] == FORMATS[name][0]
        assert answer["RequestCharacters"] == len(TEXT)
        seconds, rate_hz = seconds_and_rate(name, answer["AudioStream"].read(), int(rate))
        assert 1 < seconds < 4
        assert rate_hz == int(rate)

    @pytest.mark.parametrize("name", FORMATS)
    def test_rates_that_polly_takes_by_default(self, polly: Any, name: str) -> None:
        sound = spoken(polly, OutputFormat=name)["AudioStream"].read()
        seconds, rate_hz = seconds_and_rate(name, sound, DEFAULTS[name])
        assert rate_hz == DEFAULTS[name]
        assert 1 < seconds < 4

    def test_neural_voices_speak_at_24_khz(self, polly: Any) -> None:
        sound = spoken(polly, VoiceId="Joanna", Engine="neural", OutputFormat="mp3")["AudioStream"].read()
        assert decode(sound, AudioLimits()).sample_rate_hz == 24_000

    def test_pcm_has_no_head(self, polly: Any) -> None:
        sound = spoken(polly)["AudioStream"].read()
        assert not sound.startswith(b"RIFF")
        file = io.BytesIO()
        with wave.open(file, "wb") as written:  # as AWS's own examples do it
            written.setnchannels(1)
            written.setsampwidth(2)
            written.setframerate(16_000)
            written.writeframes(sound)
        assert 1 < decode(file.getvalue(), AudioLimits()).seconds < 4

    @pytest.mark.parametrize(
        ("name", "rate"), [("mp3", "11025"), ("pcm", "22050"), ("ogg_opus", "24000"), ("alaw", "16000"), ("mp3", "x")]
    )
    def test_rates_that_a_format_has_not(self, polly: Any, name: str, rate: str) -> None:
        error = error_of(spoken, polly=polly, OutputFormat=name, SampleRate=rate)
        assert error == ("InvalidSampleRateException", 400)


class TestStreaming:
    def test_sound_comes_before_all_of_it_is_made(self, polly: Any) -> None:
        answer = spoken(polly, Text=f"{TEXT} " * 100, OutputFormat="mp3")
        stream = answer["AudioStream"]
        first = stream.read(1024)
        assert len(first) == 1024
        assert answer["ResponseMetadata"]["HTTPHeaders"]["transfer-encoding"] == "chunked"
        assert len(stream.read()) > 100_000

    def test_an_answer_says_that_nobody_spoke_it(self, polly: Any) -> None:
        headers = spoken(polly)["ResponseMetadata"]["HTTPHeaders"]
        assert headers["x-timbre-synthetic"] == "true"
        assert headers["x-timbre-model"] == "flite/slt"


class TestPresigned:
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_a_plain_client_fetches_the_sound(self, polly: Any, method: str) -> None:
        url = polly.generate_presigned_url(
            "synthesize_speech",
            Params={"Text": TEXT, "VoiceId": "Amy", "OutputFormat": "mp3", "SampleRate": "16000"},
            HttpMethod=method,
        )
        answer = httpx.request(method, url, trust_env=False, timeout=70)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "audio/mpeg"
        assert answer.headers["x-amzn-requestcharacters"] == str(len(TEXT))
        sound = decode(answer.content, AudioLimits())
        assert sound.sample_rate_hz == 16_000
        assert 1 < sound.seconds < 4

    def test_lists_are_told_by_repeating_their_name(self, polly: Any) -> None:
        wanted = {
            "Text": "Hello there.",
            "VoiceId": "slt",
            "OutputFormat": "json",
            "SpeechMarkTypes": ["word", "sentence"],
        }
        url = polly.generate_presigned_url("synthesize_speech", Params=wanted, HttpMethod="GET")
        answer = httpx.get(url, trust_env=False, timeout=70)
        assert answer.headers["content-type"] == "application/x-json-stream"
        assert {line.split('"type":"')[1].split('"')[0] for line in answer.text.splitlines()} == {"word", "sentence"}

    def test_another_text_is_refused(self, polly: Any) -> None:
        params = {"Text": TEXT, "VoiceId": "slt", "OutputFormat": "mp3"}
        url = polly.generate_presigned_url("synthesize_speech", Params=params, HttpMethod="GET")
        answer = httpx.get(url.replace("bridge", "tunnel"), trust_env=False)
        assert answer.status_code == 403
        assert answer.headers["x-amzn-errortype"] == "InvalidSignatureException"


class TestMarks:
    def test_marks_are_a_stream_of_lines(self, polly: Any) -> None:
        answer = spoken(
            polly, Text="Mary had a little lamb.", OutputFormat="json", SpeechMarkTypes=["sentence", "word", "viseme"]
        )
        assert answer["ContentType"] == "application/x-json-stream"
        marks = marks_of(answer)
        assert marks[0].items() >= {"time": 0, "type": "sentence", "start": 0, "end": 23}.items()
        words = [(mark["value"], mark["start"], mark["end"]) for mark in marks if mark["type"] == "word"]
        assert words == [("Mary", 0, 4), ("had", 5, 8), ("a", 9, 10), ("little", 11, 17), ("lamb", 18, 22)]

    def test_visemes_are_those_of_pollys_own_example(self, polly: Any) -> None:
        """Its documentation shows what Joanna's mouth does in this sentence."""
        marks = marks_of(
            spoken(
                polly, Text="Mary had a little lamb.", VoiceId="Joanna", OutputFormat="json", SpeechMarkTypes=["viseme"]
            )
        )
        assert all(mark.keys() == {"time", "type", "value"} for mark in marks)
        assert "".join(mark["value"] for mark in marks if mark["value"] != "sil") == "pErikat@tit@ttap"
        assert marks[-1]["value"] == "sil"
        times = [mark["time"] for mark in marks]
        assert times == sorted(times)

    def test_offsets_count_bytes_of_the_ssml_as_it_was_sent(self, polly: Any) -> None:
        text = '<speak>Zoë <mark name="here"/>sings.</speak>'
        marks = marks_of(
            spoken(polly, Text=text, TextType="ssml", OutputFormat="json", SpeechMarkTypes=["word", "ssml"])
        )
        raw = text.encode()
        assert [raw[mark["start"] : mark["end"]].decode() for mark in marks] == ["Zoë", '<mark name="here"/>', "sings"]

    def test_no_marks_at_all(self, polly: Any) -> None:
        answer = spoken(
            polly, Text="<speak>Hello.</speak>", TextType="ssml", OutputFormat="json", SpeechMarkTypes=["ssml"]
        )
        assert answer["AudioStream"].read() == b""

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"OutputFormat": "mp3", "SpeechMarkTypes": ["word"]}, "MarksNotSupportedForFormatException"),
            ({"OutputFormat": "json"}, "ValidationException"),
            ({"OutputFormat": "json", "SpeechMarkTypes": ["ssml"]}, "SsmlMarksNotSupportedForTextTypeException"),
            ({"OutputFormat": "json", "SpeechMarkTypes": ["verse"]}, "ValidationException"),
        ],
    )
    def test_marks_that_cannot_be(self, polly: Any, given: dict[str, Any], code: str) -> None:
        assert error_of(spoken, polly=polly, **given) == (code, 400)


class TestSsml:
    @pytest.mark.parametrize(
        "text",
        [
            '<speak>One <break time="300ms"/> two.</speak>',
            '<speak><prosody rate="fast" pitch="+10%" volume="loud">Quick.</prosody></speak>',
            '<speak><emphasis level="strong">Never</emphasis> again.</speak>',
            '<speak>It is <say-as interpret-as="date" format="mdy">10/11/2024</say-as>.</speak>',
            '<speak>I say <phoneme alphabet="x-sampa" ph="pI&quot;kA:n">pecan</phoneme>.</speak>',
            '<speak>The <sub alias="World Wide Web Consortium">W3C</sub>.</speak>',
            "<speak><p><s>A sentence.</s></p><p>Another.</p></speak>",
            '<speak>I <w role="amazon:VBD">read</w> it. <lang xml:lang="fr-FR">Bonjour.</lang></speak>',
            '<speak><amazon:emotion name="excited" intensity="high">We won!</amazon:emotion></speak>',
            '<speak><amazon:effect name="whispered">Between us.</amazon:effect></speak>',
            '<speak><amazon:effect phonation="soft">Good night.</amazon:effect></speak>',
            '<speak><amazon:effect vocal-tract-length="+15%">I am a giant.</amazon:effect></speak>',
            '<speak><amazon:effect name="drc">Louder in a car.</amazon:effect></speak>',
            "<speak>Salt &amp; pepper, <!-- for now -->as ever.</speak>",
        ],
    )
    def test_what_polly_has_is_spoken(self, polly: Any, text: str) -> None:
        assert len(spoken(polly, Text=text, TextType="ssml")["AudioStream"].read()) > 10_000

    @pytest.mark.parametrize(
        "text",
        [
            "Hello.",
            "<speak>Hello.",
            "<speak>Hello.</speak><speak>Again.</speak>",
            "<speak><blink>Hello.</blink></speak>",
            '<speak>Hello <break time="11s"/>there.</speak>',
            '<speak>Hello <break time="soon"/>there.</speak>',
            '<speak><prosody speed="fast">Hello.</prosody></speak>',
            '<!DOCTYPE speak [<!ENTITY a "aaaa">]><speak>&a;</speak>',
            "<speak>&nbsp;Hello.</speak>",
            '<speak><amazon:effect name="echo">Hello.</amazon:effect></speak>',
            '<speak><amazon:effect vocal-tract-length="+150%">Hello.</amazon:effect></speak>',
            '<speak><amazon:domain name="news">Hello.</amazon:domain></speak>',
            "<speak><amazon:auto-breaths>Hello.</amazon:auto-breaths></speak>",
            '<speak>Hello <amazon:breath duration="long"/>there.</speak>',
            '<speak><prosody amazon:max-duration="2s">Hello.</prosody></speak>',
            '<speak><audio src="https://example.com/a.mp3"/>Hello.</speak>',
            "<speak>" + "<p>" * 2 + "Hello." + "</p>" * 2 + "</speak>",
        ],
    )
    def test_tags_that_are_not_understood_are_never_spoken(self, polly: Any, text: str) -> None:
        assert error_of(spoken, polly=polly, Text=text, TextType="ssml") == ("InvalidSsmlException", 400)

    def test_tags_in_plain_text_are_text(self, polly: Any) -> None:
        answer = spoken(polly, Text="[angry]Hello.", OutputFormat="json", SpeechMarkTypes=["word"])
        assert [mark["value"] for mark in marks_of(answer)][-1].endswith("Hello")


class TestLimits:
    def test_tags_are_not_billed(self, polly: Any) -> None:
        text = "<speak>" + '<prosody rate="fast">Hello &amp; welcome.</prosody>' * 10 + "</speak>"
        assert spoken(polly, Text=text, TextType="ssml")["RequestCharacters"] == 10 * len("Hello & welcome.")

    @pytest.mark.parametrize(
        "given",
        [
            {"Text": "a" * 3_001},
            {"Text": "<speak>" + "<p>a</p>" * 800 + "</speak>", "TextType": "ssml"},
            {"Text": "<speak>" + "a" * 3_001 + "</speak>", "TextType": "ssml"},
        ],
    )
    def test_longer_texts_are_refused(self, polly: Any, given: dict[str, str]) -> None:
        assert error_of(spoken, polly=polly, **given) == ("TextLengthExceededException", 400)

    def test_three_thousand_characters_are_spoken(self, polly: Any) -> None:
        text = ("Anna met Otto. " * 200)[:3_000]
        answer = spoken(polly, Text=text, OutputFormat="json", SpeechMarkTypes=["sentence"])
        assert answer["RequestCharacters"] == 3_000
        assert len(marks_of(answer)) == 200


class TestRefusals:
    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"VoiceId": "Nobody"}, "ValidationException"),
            ({"VoiceId": "slt-hungry"}, "ValidationException"),
            ({"OutputFormat": "wav"}, "ValidationException"),
            ({"Text": ""}, "ValidationException"),
            ({"Text": "😀"}, "ValidationException"),
            ({"Engine": "quantum"}, "ValidationException"),
            ({"Engine": "neural"}, "EngineNotSupportedException"),
            ({"LanguageCode": "fr-FR"}, "LanguageNotSupportedException"),
            ({"LexiconNames": ["none"]}, "LexiconNotFoundException"),
            ({"LexiconNames": ["a", "b", "c", "d", "e", "f"]}, "ValidationException"),
            ({"LexiconNames": ["../x"]}, "ValidationException"),
        ],
    )
    def test_each_has_the_name_that_the_model_tells(self, polly: Any, given: dict[str, Any], code: str) -> None:
        assert error_of(spoken, polly=polly, **given) == (code, 404 if code.startswith("LexiconNot") else 400)


def test_a_stream_of_events_is_not_offered(polly: Any, key: str) -> None:
    """boto3 has no call for it; other SDKs open it."""
    request = AWSRequest("POST", f"{polly.meta.endpoint_url}/v1/synthesisStream", data=b"{}")
    signing = credentials(key)
    signer = SigV4Auth(Credentials(signing["aws_access_key_id"], signing["aws_secret_access_key"]), "polly", REGION)
    signer.add_auth(request)
    answer = httpx.post(request.url, content=b"{}", headers=dict(request.headers), trust_env=False)
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (400, "ValidationException")
    assert "SynthesizeSpeech" in answer.json()["message"]
