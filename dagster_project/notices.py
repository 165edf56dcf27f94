"""What a webhook of the operator's is told; the one place from which anything is ever sent.

A notice names steps and reasons, in the words that the terminal prints; it carries no rows.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterable, Iterator, Mapping

import dagster as dg

_TIMEOUT_SECONDS = 10
_LONGEST_REASON = 1000


def describe_failures(events: Iterable[dg.DagsterEvent]) -> Iterator[str]:
    """Each failed step with its reason, without Dagster's own wrapping.

    A run that was refused before its first step has a reason too.
    """
    for event in events:
        if event.is_step_failure:
            prefix, error = f"{event.step_key}: ", event.step_failure_data.error
        elif event.event_type == dg.DagsterEventType.RUN_FAILURE:
            prefix, error = "", event.job_failure_data.error
        else:
            continue
        if error is not None:
            message = (error.cause or error).message.strip()
            # Dagster puts the name of the exception's class in front.
            yield prefix + message.split(": ", 1)[-1]


def post_failure(webhook: str, run_id: str, job_name: str, reasons: Iterable[str]) -> None:
    """Tell that a run failed, and why."""
    reasons = [reason[:_LONGEST_REASON] for reason in reasons]
    text = f"Gongkai: run {run_id[:8]} of {job_name} failed. " + " ".join(reasons)
    _post(webhook, {"text": text, "run_id": run_id, "job": job_name, "reasons": reasons})


def post_stale_release(webhook: str, run_id: str, state: str) -> None:
    """Tell that the release of a run has grown older than it may be."""
    _post(webhook, {"text": f"Gongkai: the release is stale. {state}", "run_id": run_id})


def _post(webhook: str, notice: Mapping[str, object]) -> None:
    """Post a JSON object: ``text`` for people, as chat tools show it; the rest for programs.

    Raises:
        OSError: the webhook does not answer, or refuses; the sensor shows it and tries again.
    """
    request = urllib.request.Request(
        webhook,
        data=json.dumps(notice, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS):
        pass
