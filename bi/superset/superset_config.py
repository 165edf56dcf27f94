"""Superset's settings for a released warehouse: for readers on this machine, who change no data.

Superset finds this file through ``SUPERSET_CONFIG_PATH``; ``run.py`` sets that and the folder that
keeps what Superset itself writes (``GONGKAI_SUPERSET_HOME``), outside the repository.
"""

import os
from pathlib import Path
from typing import Any

from sqlalchemy.engine.url import URL

_HOME = Path(os.environ["GONGKAI_SUPERSET_HOME"])

SECRET_KEY = (_HOME / "secret_key").read_text(encoding="utf-8").strip()
SQLALCHEMY_DATABASE_URI = f"sqlite:///{_HOME / 'superset.db'}"

APP_NAME = "Gongkai 公开"
LANGUAGES = {
    "en": {"flag": "us", "name": "English"},
    "zh": {"flag": "cn", "name": "中文"},
}

# The page is served without TLS, on the loopback address only.
SESSION_COOKIE_SAMESITE = "Strict"
# The browser asks this server and nobody else: no counting pixel, no maps, no fonts from elsewhere.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "default-src": ["'self'"],
        "base-uri": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}
# No result is kept, so a new release shows at the next look.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
ROW_LIMIT = 5000
SQL_MAX_ROW = 50000
# Nobody is told from here, so nothing waits for a queue or a schedule.
FEATURE_FLAGS = {"ALERT_REPORTS": False, "DRILL_BY": True, "DRILL_TO_DETAIL": True}


def DB_CONNECTION_MUTATOR(
    uri: URL, params: dict[str, Any], username: str, security_manager: object, source: object
) -> tuple[URL, dict[str, Any]]:
    """Open the release that ``current`` points at now, by its own name.

    DuckDB shares one database among the connections of a process that name the same path, so as
    long as one of them is open, a path that is a symlink keeps giving the old release.
    """
    if uri.drivername == "duckdb" and uri.database:
        uri = uri.set(database=str(Path(uri.database).resolve()))
    return uri, params
