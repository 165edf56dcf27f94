"""``gongkai serve``: the local page on which a draft is checked."""

from __future__ import annotations

from collections.abc import Mapping

from dagster_project.settings import read_settings
from dagster_project.terminal import out, stop
from dagster_project.web_guard import Policy, judge_sender, name_origins


def run_serve(port: int) -> None:
    """Serve on the loopback address until told to stop; nothing is written, not even a log."""
    import uvicorn

    from dagster_project.parsing import load_dictionary
    from dagster_project.web_server import HOST, bind
    from pages.draft.app import make_app
    from pages.draft.last_year import LastYearOfRelease

    try:
        listener = bind(port)
    except OSError as error:
        stop(f"Port {port} cannot be taken ({error.strerror}); name another one with --port.")
    port = listener.getsockname()[1]
    policy = Policy(name_origins(port))

    def refuse(method: str, headers: Mapping[str, str]) -> tuple[int, str] | None:
        return judge_sender(policy, method, headers)

    app = make_app(*load_dictionary(), LastYearOfRelease(read_settings().current_release), refuse)
    out.print(f"核对年度报告草稿 Check a draft: http://{HOST}:{port}  (Ctrl-C ends it)")
    # Behind a proxy the forwarded headers change nothing that is judged here.
    config = uvicorn.Config(app, log_level="warning", access_log=False, proxy_headers=False)
    uvicorn.Server(config).run(sockets=[listener])
