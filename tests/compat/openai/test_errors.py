"""Errors are the client's own exceptions, whoever makes them; what is refused once is not asked again."""

import http.client
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import openai
import pytest

from tests.compat.openai.conftest import CONNECTIONS_PER_KEY
from tests.nginx.harness import Stub, running_nginx, served
from tests.started import Started, patiently

SERVICES = ("GATEWAY", "TTS", "SENTIMENT", "KEYWORDS", "STT")
"""Services that NGINX asks for."""
Counting = Callable[..., tuple[openai.OpenAI, list[int]]]


def says(client: openai.OpenAI, text: str = "Hi.") -> bytes:
    return client.audio.speech.create(model="tts-1", voice="alloy", input=text).content


class TestKeys:
    @pytest.mark.parametrize("wrong", ["tmb_wrong", "sk-proj-" + "x" * 150])
    def test_a_wrong_one(self, client: openai.OpenAI, wrong: str) -> None:
        with pytest.raises(openai.AuthenticationError) as refused:
            says(client.with_options(api_key=wrong))
        error = refused.value
        assert (error.type, error.param, error.code) == ("invalid_request_error", None, "invalid_api_key")

    @pytest.mark.parametrize("call", ["models", "files"])
    def test_it_is_asked_for_everywhere(self, client: openai.OpenAI, call: str) -> None:
        with pytest.raises(openai.AuthenticationError):
            getattr(client.with_options(api_key="no"), call).list()


class TestByNginx:
    """Errors that no service sees."""

    def test_an_address_that_is_not_there(self, client: openai.OpenAI) -> None:
        with pytest.raises(openai.NotFoundError) as refused:
            client.embeddings.create(model="text-embedding-3-small", input="Hi.", encoding_format="float")
        error = refused.value
        assert (error.type, error.param, error.code) == ("invalid_request_error", None, "not_found")

    def test_a_base_url_without_its_version_is_told_of_it(self, client: openai.OpenAI, address: str) -> None:
        with pytest.raises(openai.NotFoundError, match="base URL of OpenAI's clients ends in /v1"):
            says(client.with_options(base_url=address))

    @pytest.mark.parametrize("path", ["/audio/speech/", "/models/", "/audio/voices/x/"])
    def test_an_address_with_a_slash_behind_it_is_another(self, client: openai.OpenAI, path: str) -> None:
        with pytest.raises(openai.APIStatusError) as refused:
            client.get(path, cast_to=object)
        assert refused.value.status_code in {404, 501}

    def test_too_large_a_body(self, client: openai.OpenAI) -> None:
        with pytest.raises(openai.APIStatusError) as refused:
            says(client, "x" * 4_200_000)
        error = refused.value
        assert (error.status_code, error.type, error.code) == (413, "invalid_request_error", "too_large")


class TestVoicesOfOnesOwn:
    """OpenAI makes a voice of one recording; here voices are trained."""

    def test_what_is_offered_instead_is_named(self, counting: Counting, recording: bytes) -> None:
        client, statuses = counting(max_retries=2)
        calls: list[Callable[[], object]] = [
            lambda: client.audio.voices.create(name="Alice", audio_sample=("a.wav", recording), consent="cons_1"),
            lambda: client.audio.voices.delete("voice_1"),
            lambda: client.audio.voice_consents.create(name="Alice", language="en-US", recording=("a.wav", recording)),
            lambda: client.audio.voice_consents.retrieve("cons_1"),
            lambda: client.audio.voice_consents.update("cons_1", name="Bob"),
            lambda: list(client.audio.voice_consents.list()),
            lambda: client.audio.voice_consents.delete("cons_1"),
        ]
        for call in calls:
            with pytest.raises(openai.APIStatusError, match=r"make voice.*voice-training") as refused:
                call()
            assert (refused.value.status_code, refused.value.code) == (501, "not_served")
            assert refused.value.type == "invalid_request_error"
        assert statuses == [501] * len(calls)

    def test_recordings_as_large_as_openai_takes_them_are_answered_alike(self, client: openai.OpenAI) -> None:
        with pytest.raises(openai.APIStatusError) as refused:
            client.audio.voice_consents.create(name="Alice", language="en", recording=("a.wav", bytes(10_485_760)))
        assert refused.value.status_code == 501


class TestRetries:
    @pytest.fixture
    @staticmethod
    def busy(stack: Started, key: str) -> Iterator[ExitStack]:
        """Use up the connections of the key, with requests that have begun and do not go on."""
        head = f"POST /v1/audio/speech HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 9\r\n\r\n"
        with ExitStack() as held:
            for _ in range(CONNECTIONS_PER_KEY):
                connection = held.enter_context(socket.create_connection(("127.0.0.1", stack.port), timeout=30))
                connection.sendall(head.encode())
            yield held

    def test_too_many_at_once(self, client: openai.OpenAI, busy: ExitStack, counting: Counting) -> None:
        error = self.refused(client)
        assert (error.type, error.param, error.code) == ("rate_limit_error", None, "rate_limit_exceeded")
        assert error.response.headers["retry-after"] == "1"
        patient, statuses = counting(max_retries=3, on_answer=lambda status: busy.close())
        assert says(patient)
        assert (statuses[0], statuses[-1]) == (429, 200)

    def refused(self, client: openai.OpenAI) -> openai.RateLimitError:
        """Wait until NGINX has read all that was begun; it does not, after ten seconds."""
        for _ in patiently(9):
            try:
                says(client)
            except openai.RateLimitError as error:
                return error
        raise AssertionError("nothing was refused")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"model": "tts-9", "voice": "alloy", "input": "Hi."},
            {"model": "tts-1", "voice": "alloy", "input": ""},
            {"model": "tts-1", "voice": "alloy", "input": "Hi.", "speed": 9},
        ],
    )
    def test_what_is_the_callers_fault_is_sent_once(self, counting: Counting, wrong: dict[str, object]) -> None:
        client, statuses = counting(max_retries=5)
        with pytest.raises(openai.APIStatusError):
            client.audio.speech.create(**wrong)  # type: ignore[arg-type]
        assert len(statuses) == 1
        assert 400 <= statuses[0] < 500

    @pytest.mark.parametrize(
        ("behaviour", "status", "times"), [("slow", 504, 1), ("clash", 409, 1), ("broken", 500, 2)]
    )
    def test_what_would_end_the_same_way_is_not_tried_again(
        self, tmp_path: Path, behaviour: str, status: int, times: int
    ) -> None:
        with ExitStack() as held:
            service = held.enter_context(served(Stub("service")))
            upstreams = {f"TIMBRE_UPSTREAM_{name}": service.address for name in SERVICES}
            nginx = held.enter_context(running_nginx(tmp_path / "nginx", **upstreams))
            address = f"http://127.0.0.1:{nginx.port}/v1"
            client = held.enter_context(openai.OpenAI(base_url=address, api_key="good", max_retries=1))
            with pytest.raises(openai.APIStatusError) as refused:
                client.audio.speech.create(
                    model="tts-1", voice="alloy", input="Hi.", extra_headers={"X-Stub": behaviour}
                )
            asked = [one for one in service.seen if one["target"] != "/internal/auth"]
        assert (refused.value.status_code, len(asked)) == (status, times)

    def test_a_service_that_died_is_unavailable_until_it_is_back(
        self, stack: Started, client: openai.OpenAI, counting: Counting
    ) -> None:
        (service,) = [pid for pid, command in stack.processes().items() if "services.tts.app" in command]
        os.kill(service, signal.SIGKILL)
        with pytest.raises(openai.InternalServerError) as refused:
            says(client)
        assert (refused.value.status_code, refused.value.code) == (503, "unavailable")
        assert refused.value.response.headers["retry-after"] == "2"
        patient, statuses = counting(max_retries=30)
        assert says(patient)
        assert statuses[-1] == 200


class TestRequests:
    def test_ids(self, client: openai.OpenAI, recording: bytes) -> None:
        written = client.audio.transcriptions.create(model="whisper-1", file=("a.wav", recording))
        listed = client.models.retrieve("timbre")
        sound = client.audio.speech.create(model="tts-1", voice="alloy", input="Hi.")
        with pytest.raises(openai.NotFoundError) as refused:
            client.models.retrieve("none", extra_headers={"X-Request-Id": "my-own-1"})
        ids = [written._request_id, listed._request_id, sound.response.headers["x-request-id"]]
        assert len({*ids}) == 3
        assert all(ids)
        assert refused.value.request_id == "my-own-1"

    def test_a_connection_is_used_again(self, stack: Started, key: str) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=60)
        connection.connect()
        port = connection.sock.getsockname()[1]
        for path in ("/v1/models", "/v1/audio/voices", "/v1/nowhere", "/v1/models/none", "/v1/files"):
            connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
            connection.getresponse().read()
            assert connection.sock is not None, path
            assert connection.sock.getsockname()[1] == port
        connection.close()

    def test_connections_that_wait_hinder_nobody(self, stack: Started, client: openai.OpenAI) -> None:
        with ExitStack() as held:
            for _ in range(3 * CONNECTIONS_PER_KEY):
                held.enter_context(socket.create_connection(("127.0.0.1", stack.port), timeout=30))
            assert says(client)
