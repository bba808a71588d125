"""A real client of the websockets that sound is sent to."""

import asyncio
import json
from typing import Any

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

FINISH = json.dumps({"type": "finish"})
Message = dict[str, Any]


async def rest(websocket: ClientConnection) -> list[Message]:
    """Return all that comes until the server closes."""
    told = []
    try:
        async with asyncio.timeout(100):
            while True:
                told.append(json.loads(await websocket.recv()))
    except ConnectionClosed:
        return told


async def told_of(address: str, *messages: bytes | str, query: str = "") -> tuple[list[Message], int | None]:
    """Send messages, and return all answers and the code that the server closed with."""
    async with connect(address + query) as websocket:
        for message in messages:
            try:
                await websocket.send(message)
            except ConnectionClosed:
                break
        return await rest(websocket), websocket.close_code


def cut(data: bytes, sizes: list[int]) -> list[bytes]:
    return [bytes(part) for part in np.split(np.frombuffer(data, np.uint8), np.cumsum(sizes))]


def problem(told: list[Message]) -> str:
    assert told[-1]["type"] == "problem"
    assert set(told[-1]["problem"]) >= {"type", "title", "status", "detail"}
    return str(told[-1]["problem"]["type"].removeprefix("urn:timbre:problem:"))


async def until_there_is_room(address: str) -> tuple[list[Message], int | None]:
    async with asyncio.timeout(100):
        while True:
            told, code = await told_of(address, FINISH)
            if code != 1013:
                return told, code
