"""The documentation of the tables on the address of Dagster's web app: read-only pages."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from dagster_project.documentation import PATH, Manifest, describe_table, list_tables
from pages.templating import ASSETS, make_environment

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
}


def make_app(read_manifest: Callable[[], Manifest]) -> ASGIApp:
    """The pages, to be put behind the guard."""
    templates = make_environment()

    def render(status: int = 200, **view: object) -> Response:
        text = templates.get_template("table.html").render(path=PATH, **view)
        return HTMLResponse(text, status, _HEADERS)

    async def contents(request: Request) -> Response:
        manifest = await run_in_threadpool(read_manifest)
        return render(table=None, layers=list_tables(manifest))

    async def page(request: Request) -> Response:
        manifest = await run_in_threadpool(read_manifest)
        table = describe_table(manifest, **request.path_params)
        return render(404 if table is None else 200, table=table, layers=list_tables(manifest))

    return Starlette(
        routes=[
            Mount(f"{PATH}/assets", StaticFiles(directory=ASSETS)),
            Route(PATH, contents),
            Route(f"{PATH}/{{layer}}/{{name}}", page),
        ]
    )


class WithDocumentation:
    """Dagster's web app, and the pages beside it under a path that it does not use."""

    def __init__(self, app: ASGIApp, documentation: ASGIApp) -> None:
        self.app = app
        self.documentation = documentation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        is_documentation = path == PATH or path.startswith(f"{PATH}/")
        chosen = self.documentation if scope["type"] == "http" and is_documentation else self.app
        await chosen(scope, receive, send)
