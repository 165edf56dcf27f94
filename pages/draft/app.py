"""The web app of the draft page: it answers its own page alone, and keeps nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from loaders.bodies.region import Regions
from loaders.form import Form
from pages.draft.checking import LastYear, check_draft
from pages.language import CHINESE, LANGUAGES, Language
from pages.templating import ASSETS, make_environment

MOST_BYTES = 32 * 1024 * 1024
"""A draft is a document, not a collection."""
SENT_BY_OWN_PAGE = "x-gongkai-draft"
"""A header that no form of a foreign page can send."""
_MEDIA_TYPES = {
    "csv": "text/csv",
    "htm": "text/html",
    "html": "text/html",
}
_HEADERS = {
    b"cache-control": b"no-store",
    b"content-security-policy": (
        b"default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; "
        b"connect-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; "
        b"frame-ancestors 'none'"
    ),
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
}

Refuse = Callable[[str, Mapping[str, str]], tuple[int, str] | None]
"""Judges method and headers of a request: status and reason where it is not to be answered."""


def make_app(form: Form, regions: Regions, last_year: LastYear, refuse: Refuse) -> ASGIApp:
    """The app.

    Args:
        form: the dictionary.
        regions: the register of regions.
        last_year: finds last year's report of a body.
        refuse: says whose requests are not answered.
    """
    templates = make_environment()
    # One draft at a time: a second one waits instead of doubling the memory.
    turn = asyncio.Lock()

    def render(template: str, language: Language, status: int = 200, **view: object) -> Response:
        other = next(known for known in LANGUAGES if known is not language)
        text = templates.get_template(template).render(
            language=language, say=language.say, other=other, home="", **view
        )
        return HTMLResponse(text, status)

    async def door(request: Request) -> Response:
        return RedirectResponse("zh")

    async def page(request: Request) -> Response:
        return render("draft.html", _language(request))

    async def check(request: Request) -> Response:
        language = _language(request)
        if SENT_BY_OWN_PAGE not in request.headers:
            return PlainTextResponse("Only this server's own page may send drafts.", 403)
        data = await _read(request)
        if data is None:
            told = language.say(
                f"文件超过 {MOST_BYTES // 2**20} MiB，不是一份报告。",
                f"The file is larger than {MOST_BYTES // 2**20} MiB; that is no report.",
            )
            return render("draft_failed.html", language, 413, reason=told)
        suffix = request.headers[SENT_BY_OWN_PAGE].lower()
        media_type = _MEDIA_TYPES.get(suffix, "text/plain")
        async with turn:
            try:
                draft = await run_in_threadpool(
                    check_draft, data, media_type, form, regions, last_year
                )
            except Exception as error:
                told = language.say(
                    f"核对程序出错（{type(error).__name__}），请报告此问题。",
                    f"The check itself failed ({type(error).__name__}); please report it.",
                )
                return render("draft_failed.html", language, 500, reason=told)
        if draft.reason:
            return render("draft_failed.html", language, 422, reason=draft.reason)
        return render("draft_result.html", language, draft=draft, names=draft.names)

    routes = [
        Mount("/assets", StaticFiles(directory=ASSETS)),
        Route("/", door),
        Route("/{language}", page),
        Route("/{language}/check", check, methods=["POST"]),
    ]
    return _Guarded(Starlette(routes=routes), refuse)


def _language(request: Request) -> Language:
    code = request.path_params["language"]
    return next((known for known in LANGUAGES if known.code == code), CHINESE)


async def _read(request: Request) -> bytes | None:
    """The draft; ``None`` where it is larger than a draft may be, read no further than that."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MOST_BYTES:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


class _Guarded:
    """Refuses foreign requests, and tells the browser what the page may never do."""

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self.app = app
        self.refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS.items()]
            await send(message)

        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        refusal = self.refuse(scope["method"], headers)
        if refusal:
            status, reason = refusal
            await PlainTextResponse(reason, status)(scope, receive, send_with_headers)
        else:
            await self.app(scope, receive, send_with_headers)
