"""A browser's requests to an ASGI app, without a server: what is sent is exactly what is written."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.types import ASGIApp


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    app: ASGIApp, method: str, url: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> Answer:
    """Send one request; the ``Host`` is the one of the headers."""
    sent = asyncio.run(_drive(app, _scope("http", method, url, headers or {}), body))
    start = sent[0]
    found = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], found, b"".join(part.get("body", b"") for part in sent[1:]))


async def _drive(app: ASGIApp, scope: dict, body: bytes) -> list[dict]:
    # In two parts, as a network would deliver it.
    half = len(body) // 2
    waiting = [
        {"type": "http.request", "body": body[:half], "more_body": True},
        {"type": "http.request", "body": body[half:], "more_body": False},
    ]
    sent: list[dict] = []

    async def receive() -> dict:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


def open_socket(app: ASGIApp, url: str, headers: dict[str, str], *messages: dict) -> list[dict]:
    """Open a websocket, send messages, hang up; what the app sent."""
    waiting = [
        {"type": "websocket.connect"},
        *({"type": "websocket.receive", "text": json.dumps(message)} for message in messages),
        {"type": "websocket.disconnect", "code": 1000},
    ]
    sent: list[dict] = []

    async def receive() -> dict:
        return waiting.pop(0)

    async def send(message: dict) -> None:
        sent.append(message)

    asyncio.run(app(_scope("websocket", "GET", url, headers), receive, send))
    return sent


def _scope(kind: str, method: str, url: str, headers: dict[str, str]) -> dict:
    parts = urlsplit(url)
    return {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "ws" if kind == "websocket" else "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": quote(parts.query, safe="=&").encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 3000),
        "subprotocols": ["graphql-ws"],
    }
