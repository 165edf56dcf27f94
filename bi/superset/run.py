"""Superset on the published release: set it up, start it on this machine, bring the dashboards in.

Runs in the project's environment and imports nothing of Superset, which has one of its own
(``.cache/superset/``). What Superset itself writes (its database, its key, the password of its one
user) is kept outside the repository, readable by its owner only.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import io
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ASSETS = HERE / "assets"
LOCK = HERE / "requirements.lock"
ENVIRONMENT = ROOT / ".cache" / "superset" / "venv"
PORT = 8088
USER = "admin"
PYTHONS = ((3, 11), (3, 12))
"""Versions that Superset 6.1 has all its parts for."""

RELEASE_IN_ASSETS = "/published/current/gongkai.duckdb"
"""Where the versioned export says the release is; replaced by the real place when it is packed."""

_PATIENCE_SECONDS = 180


class SupersetError(Exception):
    """Something that stopped Superset; the message says what to do."""


# The environment and what Superset keeps


def prepare_environment(python: str = sys.executable, environment: Path = ENVIRONMENT) -> Path:
    """Install Superset from its lock file, unless this very lock is installed already.

    Returns:
        The environment's folder of programs.

    Raises:
        SupersetError: the Python is none that Superset runs on, or a package could not be had.
    """
    programs = environment / "bin"
    stamp = environment / "lock"
    if stamp.is_file() and stamp.read_bytes() == LOCK.read_bytes():
        return programs
    version = "import sys; print(*sys.version_info[:2])"
    found = subprocess.run([python, "-c", version], capture_output=True, text=True, check=True)
    if tuple(map(int, found.stdout.split())) not in PYTHONS:
        raise SupersetError("Superset runs on Python 3.11 or 3.12. Say which: PYTHON=python3.11.")
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if uv is None:
        raise SupersetError("uv is missing: run `make setup` first.")
    shutil.rmtree(environment, ignore_errors=True)
    subprocess.run([uv, "venv", "--quiet", "--python", python, str(environment)], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", str(programs / "python")]
    options = ["--require-hashes", "--compile-bytecode", "--requirement", str(LOCK)]
    if subprocess.run([*install, *options]).returncode:
        raise SupersetError("Superset's packages could not be installed; see the lines above.")
    shutil.copyfile(LOCK, stamp)
    return programs


def default_home() -> Path:
    """Where Superset keeps what it writes: the user's state folder, never the repository."""
    chosen = os.environ.get("GONGKAI_SUPERSET_HOME")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(chosen) if chosen else Path(state) / "gongkai" / "superset"


def prepare_home(home: Path, programs: Path) -> None:
    """Make Superset's own database, its key and its user, or bring them up to this version.

    The password is drawn here and written to ``admin_password``, readable by its owner only.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("secret_key", "admin_password"):
        path = home / name
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(secrets.token_urlsafe(24))
    stamp = home / "prepared"
    if stamp.is_file() and stamp.read_bytes() == LOCK.read_bytes():
        return
    with (home / "prepare.log").open("w", encoding="utf-8") as log:
        done = subprocess.run(
            [str(programs / "python"), str(HERE / "prepare.py")],
            env=_surroundings(home),
            cwd=home,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    if done.returncode:
        raise SupersetError(f"Superset could not be set up; see {log.name}.")
    shutil.copyfile(LOCK, stamp)


def _surroundings(home: Path) -> dict[str, str]:
    """Environment of Superset's processes. Nothing of the project's own Python gets in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {
        **kept,
        "GONGKAI_SUPERSET_HOME": str(home),
        "SUPERSET_HOME": str(home),
        "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
        "USER_NAME": USER,
    }


# The versioned export


def pack(release: Path, assets: Path = ASSETS) -> bytes:
    """The export as a zip that any Superset imports, pointing at this release.

    Args:
        release: the release's DuckDB file, by way of ``current``; the link is kept, so that the
            next release is found too.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(assets.rglob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            if path.parent.name == "databases":
                text = text.replace(RELEASE_IN_ASSETS, os.path.abspath(release))
            archive.writestr(f"assets/{path.relative_to(assets).as_posix()}", text)
    return buffer.getvalue()


def unpack(exported: bytes, release: Path) -> dict[str, str]:
    """What Superset exports, as the files of the versioned export: no place, no clock, legible.

    Returns:
        Text by file name. Importing it elsewhere and exporting again gives the same.
    """
    files = {}
    with zipfile.ZipFile(io.BytesIO(exported)) as archive:
        for name in sorted(archive.namelist()):
            path = Path(*Path(name).parts[1:])
            if path.parts[0] in {"charts", "dashboards", "datasets"}:
                path = path.with_name(path.stem.rpartition("_")[0] + path.suffix)
            text = archive.read(name).decode("utf-8")
            content = yaml.safe_load(text.replace(os.path.abspath(release), RELEASE_IN_ASSETS))
            _forget_what_differs(content)
            if path.as_posix() in files:
                raise SupersetError(f"Two charts or dashboards are called {path.stem}.")
            files[path.as_posix()] = yaml.safe_dump(
                content, allow_unicode=True, sort_keys=False, width=100
            )
    return files


def _forget_what_differs(content: dict) -> None:
    """Drop what one Superset's import or a look at a dashboard leaves behind."""
    content.pop("timestamp", None)
    (content.get("params") or {}).pop("datasource", None)
    (content.get("metadata") or {}).pop("map_label_colors", None)


# The server


class Server:
    """A running Superset, spoken to as its one user through its REST API."""

    def __init__(self, home: Path, port: int = PORT) -> None:
        self.home = home
        self.url = f"http://127.0.0.1:{port}"
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        # Loopback is never reached through a proxy.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
        self._headers: dict[str, str] = {}

    @property
    def password(self) -> str:
        return (self.home / "admin_password").read_text(encoding="utf-8")

    def is_up(self) -> bool:
        try:
            return self.request("GET", "/health") == b"OK"
        except (SupersetError, OSError):
            return False

    def log_in(self) -> None:
        credentials = {"username": USER, "password": self.password, "provider": "db"}
        token = self.ask("POST", "/api/v1/security/login", credentials)["access_token"]
        self._headers = {"Authorization": f"Bearer {token}"}
        csrf = self.ask("GET", "/api/v1/security/csrf_token/")["result"]
        self._headers |= {"X-CSRFToken": csrf, "Referer": self.url}

    def ask(self, method: str, path: str, body: object = None) -> dict:
        """Call the API with JSON and give back its JSON."""
        data = None if body is None else json.dumps(body).encode()
        return json.loads(self.request(method, path, data, "application/json"))

    def request(
        self, method: str, path: str, data: bytes | None = None, content_type: str = ""
    ) -> bytes:
        """Call the server.

        Raises:
            SupersetError: it refuses; the message is the server's.
        """
        headers = dict(self._headers)
        if data is not None:
            headers["Content-Type"] = content_type
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with self._opener.open(request, timeout=_PATIENCE_SECONDS) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            answer = error.read().decode("utf-8", "replace")[:2000]
            raise SupersetError(f"{method} {path}: {error.code} {answer}") from None

    def import_assets(self, archive: bytes) -> None:
        """Bring in the export; what is there already is overwritten."""
        boundary = secrets.token_hex(16)
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="bundle"; '
            'filename="assets.zip"\r\nContent-Type: application/zip\r\n\r\n'
        )
        body = head.encode() + archive + f"\r\n--{boundary}--\r\n".encode()
        content_type = f"multipart/form-data; boundary={boundary}"
        self.request("POST", "/api/v1/assets/import/", body, content_type)

    def export_assets(self) -> bytes:
        return self.request("GET", "/api/v1/assets/export/")


@contextmanager
def running(home: Path, programs: Path, port: int = PORT) -> Iterator[Server]:
    """Superset on the loopback address, until the block is left; its log is ``server.log``."""
    server = Server(home, port)
    if server.is_up():
        raise SupersetError(f"Something answers at {server.url} already. Choose another --port.")
    command = [
        str(programs / "gunicorn"),
        *("--bind", f"127.0.0.1:{port}", "--workers", "1"),
        *("--worker-class", "gthread", "--threads", "8", "--timeout", "120"),
        "superset.app:create_app()",
    ]
    with (home / "server.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, env=_surroundings(home), cwd=home, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _wait(server, process)
        server.log_in()
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    for _ in range(_PATIENCE_SECONDS * 2):
        if process.poll() is not None:
            break
        if server.is_up():
            return
        time.sleep(0.5)
    raise SupersetError(f"Superset did not come up; see {server.home / 'server.log'}.")


# Commands


def current_release(settings: Mapping[str, str] = os.environ) -> Path:
    """The published file, by way of the link that a new release moves."""
    warehouse = Path(settings.get("GONGKAI_WAREHOUSE") or ROOT / "warehouse")
    release = warehouse / "published" / "current" / "gongkai.duckdb"
    if not release.is_file():
        raise SupersetError(f"Nothing is published at {release}: run `make warehouse` first.")
    return release


def start(home: Path, port: int) -> None:
    """Set up what is missing, start Superset, import the dashboards, wait until interrupted."""
    release = current_release()
    print("Setting up Superset (minutes the first time, seconds afterwards) ...", flush=True)
    programs = prepare_environment(os.environ.get("PYTHON") or sys.executable)
    prepare_home(home, programs)
    with running(home, programs, port) as server:
        server.import_assets(pack(release))
        print(f"Superset:  {server.url}/dashboard/list/")
        print(f"User:      {USER}, password in {home / 'admin_password'}")
        print("Stop with Ctrl-C.", flush=True)
        while server.is_up():
            time.sleep(5)


def export(home: Path, port: int) -> None:
    """Write what the running Superset holds over the versioned export."""
    server = Server(home, port)
    server.log_in()
    files = unpack(server.export_assets(), current_release())
    shutil.rmtree(ASSETS)
    for name, text in files.items():
        path = ASSETS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    print(f"{len(files)} files in {ASSETS.relative_to(ROOT)}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("start", "set up, start and import; the default release is the published one"),
        ("export", "write the running Superset's dashboards back to bi/superset/assets"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--home", type=Path, default=default_home())
        command.add_argument("--port", type=int, default=PORT)
    packed = commands.add_parser("pack", help="write the export as a zip for another Superset")
    packed.add_argument("target", type=Path)
    packed.add_argument("--release", type=Path, help="where that Superset finds gongkai.duckdb")
    options = parser.parse_args(arguments)
    try:
        if options.command == "start":
            start(options.home, options.port)
        elif options.command == "export":
            export(options.home, options.port)
        else:
            options.target.write_bytes(pack(options.release or current_release()))
    except KeyboardInterrupt:
        pass
    except SupersetError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
