"""Who calls: what nginx's auth_request is told."""

import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from gateway.key_store import KeyStore
from gateway.settings import GatewaySettings

KEY = "tmb_" + "0123456789abcdefghijklmnopqrstuvwxyz-_ABCDEFG"
BEARER = ("authorization", f"Bearer {KEY}")
API_KEY = ("x-api-key", KEY)

pytestmark = pytest.mark.anyio


class TestAuthorise:
    @pytest.mark.parametrize(
        "headers",
        [[BEARER], [API_KEY], [BEARER, API_KEY], [("AUTHORIZATION", f"bearer  {KEY} ")], [("X-API-Key", f" {KEY}")]],
    )
    async def test_a_good_key_is_named(self, gateway: httpx.AsyncClient, headers: list[tuple[str, str]]) -> None:
        answer = await gateway.get("/internal/auth", headers=headers)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["x-timbre-key"] == KEY[:12]

    @pytest.mark.parametrize(
        "headers",
        [
            [],
            [("authorization", "")],
            [("authorization", "Bearer")],
            [("authorization", "Bearer ")],
            [("authorization", KEY)],
            [("authorization", f"Basic {KEY}")],
            [("authorization", f"Bearer {KEY}x")],
            [("x-api-key", "")],
            [("x-api-key", f"Bearer {KEY}")],
            [BEARER, BEARER],
            [API_KEY, API_KEY],
            [BEARER, ("x-api-key", "other")],
            [("authorization", "Bearer other"), API_KEY],
            [("authorization", "Basic abc"), API_KEY],
            [BEARER, ("x-api-key", "")],
        ],
    )
    async def test_anything_else_is_refused(self, gateway: httpx.AsyncClient, headers: list[tuple[str, str]]) -> None:
        answer = await gateway.get("/internal/auth", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        assert "x-timbre-key" not in answer.headers
        assert answer.json()["error"]["code"] == "invalid_api_key"

    async def test_revocation_and_creation_work_at_once(
        self, gateway: httpx.AsyncClient, settings: GatewaySettings
    ) -> None:
        store = KeyStore(settings.keys)
        new = {"x-api-key": store.create("new")}
        assert (await gateway.get("/internal/auth", headers=new)).status_code == 204
        store.revoke("new")
        assert (await gateway.get("/internal/auth", headers=new)).status_code == 401

    async def test_answers_are_counted_and_no_route_sees_them(self, gateway: httpx.AsyncClient) -> None:
        await gateway.get("/internal/auth", headers=[API_KEY])
        await gateway.get("/internal/auth")
        metrics = (await gateway.get("/metrics")).text
        assert 'timbre_gateway_authorised_total{answer="allowed"} 1.0' in metrics
        assert 'timbre_gateway_authorised_total{answer="refused"} 1.0' in metrics
        assert KEY not in metrics


class TestFirstStart:
    async def test_a_key_is_made_and_shown_once(
        self,
        gateway_with: Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]],
        tmp_path: Path,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        changed = {"api_key": None, "keys": tmp_path / "fresh" / "keys.json"}
        async with gateway_with(**changed) as gateway:
            shown = capfd.readouterr().err
            key = shown.split()[-1]
            assert (await gateway.get("/internal/auth", headers={"x-api-key": key})).status_code == 204
        async with gateway_with(**changed):
            assert capfd.readouterr().err == ""

    @pytest.mark.parametrize("weak", ["changethis", "a" * 64])
    def test_a_weak_key_of_the_operator_stops_the_start(self, weak: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TIMBRE_API_KEY", weak)
        with pytest.raises(ValidationError) as refused:
            GatewaySettings()
        assert weak not in str(refused.value)

    def test_an_empty_one_is_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TIMBRE_API_KEY", "")
        assert GatewaySettings().api_key is None
        assert "TIMBRE_KEYS" in os.environ or GatewaySettings().keys == Path(".timbre/keys.json")
