"""What stands between Dagster's web app and the browser: whose requests are let through.

Dagster's app has no login and executes a mutation from the query string, whatever Host or Origin
the request carries, so that any page that an operator visits could start a run. An ASGI middleware
that knows nothing of Dagster but the path of its GraphQL endpoint.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")
GRAPHQL_PATH = "/graphql"
_READING = ("GET", "HEAD")
_MAX_BODY_BYTES = 16 * 1024 * 1024


class Refusal(NamedTuple):
    """Why a request goes no further."""

    status: int
    reason: str


@dataclass(frozen=True)
class Policy:
    """Who may ask, and what for."""

    origins: frozenset[str]
    """``scheme://host[:port]`` of every address under which the app is reached."""
    is_read_only: bool = False
    """Only reading: no mutation, no report of an asset."""

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset(urlsplit(origin).netloc for origin in self.origins)


def name_origins(port: int, public: Iterable[str] = ()) -> frozenset[str]:
    """The origins of a server on the loopback address, and those of the proxies in front of it.

    Raises:
        ValueError: a public address is more, or less, than ``https://name[:port]``.
    """
    origins = {f"http://{name}:{port}" for name in LOOPBACK_NAMES}
    for address in public:
        parts = urlsplit(address.rstrip("/"))
        is_origin = parts.scheme in ("http", "https") and parts.netloc and "@" not in parts.netloc
        if not is_origin or parts.path or parts.query or parts.fragment:
            raise ValueError(f"{address} is no address like https://gongkai.example.org")
        origins.add(f"{parts.scheme}://{parts.netloc.lower()}")
    return frozenset(origins)


def judge_sender(policy: Policy, method: str, headers: Mapping[str, str]) -> Refusal | None:
    """Whether the request comes from the app's own pages, or from no browser at all.

    ``method`` is ``WEBSOCKET`` for the opening of a socket: a browser lets any page open one.
    """
    if headers.get("host", "").lower() not in policy.hosts:
        return Refusal(421, "This server does not answer under that name.")
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in policy.origins:
        return Refusal(403, "The request comes from a foreign page.")
    # A browser that tells no Origin still tells this; links and bookmarks may lead here.
    is_reading = method in _READING
    site = headers.get("sec-fetch-site", "none")
    is_link = is_reading and headers.get("sec-fetch-mode") == "navigate"
    if site not in ("same-origin", "none") and not is_link:
        return Refusal(403, "The request comes from a foreign page.")
    return None


def judge_request(
    policy: Policy, method: str, path: str, query: str, content_type: str
) -> Refusal | None:
    """Whether a request of that shape is one that the app needs."""
    if method in _READING:
        if path.rstrip("/") == GRAPHQL_PATH and parse_qs(query, keep_blank_values=True):
            return Refusal(405, "GraphQL is answered by POST only.")
        return None
    if method != "POST":
        return Refusal(405, "Only GET, HEAD and POST are answered.")
    if content_type.split(";")[0].strip().lower() != "application/json":
        # What a form of a foreign page can send without asking first.
        return Refusal(415, "Send application/json.")
    is_graphql = path.rstrip("/") == GRAPHQL_PATH
    # The app's own pages name the operation in the address, for whoever reads the log.
    if is_graphql and parse_qs(query, keep_blank_values=True).keys() - {"op"}:
        return Refusal(400, "A GraphQL operation belongs into the body.")
    if policy.is_read_only and not is_graphql:
        return Refusal(403, "This server is read-only.")
    return None


def holds_mutation(body: bytes) -> bool:
    """Whether a GraphQL request may do more than read; one that cannot be understood may."""
    try:
        document = parse(json.loads(body)["query"])
    except (ValueError, KeyError, TypeError, GraphQLError, RecursionError):
        return True
    return any(
        isinstance(part, OperationDefinitionNode) and part.operation == OperationType.MUTATION
        for part in document.definitions
    )


class Guard:
    """Lets a request through to the app, or answers it with the reason why not."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self.app = app
        self.policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            if judge_sender(self.policy, "WEBSOCKET", Headers(scope=scope)):
                # Before the handshake is accepted, this is an answer 403.
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, method = Headers(scope=scope), scope["method"]
        query = scope["query_string"].decode("latin-1")
        content_type = headers.get("content-type", "")
        refusal = judge_sender(self.policy, method, headers) or judge_request(
            self.policy, method, scope["path"], query, content_type
        )
        if refusal is None and self.policy.is_read_only and method == "POST":
            body = await _read_body(receive)
            if body is None:
                refusal = Refusal(413, "The request is too large.")
            elif holds_mutation(body):
                refusal = Refusal(403, "This server is read-only.")
            else:
                receive = _replay(body, receive)
        if refusal is None:
            await self.app(scope, receive, _unframed(send))
        else:
            # As GraphQL spells an error, so that the page can show it.
            answer = JSONResponse({"errors": [{"message": refusal.reason}]}, refusal.status)
            await answer(scope, receive, send)


async def _read_body(receive: Receive) -> bytes | None:
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > _MAX_BODY_BYTES:
            return None
        if not message.get("more_body"):
            return b"".join(pieces)


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body once more, then whatever follows."""
    waiting: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


def _unframed(send: Send) -> Send:
    """Headers that keep foreign pages from showing the app in a frame and having it clicked."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-Frame-Options"] = "DENY"
            headers["Cross-Origin-Resource-Policy"] = "same-origin"
        await send(message)

    return guarded
