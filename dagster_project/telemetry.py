"""Nothing is reported to anybody: the switches of every component that would.

They are thrown when the package is imported, so that they hold however a process was started.
"""

from __future__ import annotations

import os

SWITCHES = {
    # Understood by dbt and by other command-line tools.
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DAGSTER_DISABLE_TELEMETRY": "1",
    # Read by Great Expectations on import.
    "GX_ANALYTICS_ENABLED": "false",
}


def switch_off() -> None:
    """Throw the switches for this process and its children, whatever was set before."""
    os.environ.update(SWITCHES)
