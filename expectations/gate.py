"""May this be published? A decision from results, and nothing else.

Integrity failures block. Source discrepancies never do: they are published as printed, and flagged.
A suspect reading has quarantined its table already; only too many of them block.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from expectations.evaluate import SuiteOutcome


@dataclass(frozen=True)
class Decision:
    """Publish where ``reasons`` is empty; otherwise the sentences say what stands against it."""

    reasons: tuple[str, ...]

    @property
    def may_publish(self) -> bool:
        return not self.reasons


def decide(
    outcomes: Iterable[SuiteOutcome],
    quarantined_count: int,
    table_count: int,
    max_quarantined_pct: float,
) -> Decision:
    """Weigh the outcomes of all suites.

    Args:
        outcomes: one per suite; only those of integrity suites can block.
        quarantined_count: tables held back because their reading is suspect.
        table_count: tables read.
        max_quarantined_pct: the largest share of quarantined tables that may be published.
    """
    reasons = [
        f"{outcome.check_name}: {outcome.meaning} "
        f"({outcome.failure_count} rows, first in {outcome.first_document})"
        for outcome in outcomes
        if outcome.is_integrity and not outcome.passed
    ]
    share_pct = 100.0 * quarantined_count / table_count if table_count else 0.0
    if share_pct > max_quarantined_pct:
        reasons.append(
            f"{quarantined_count} of {table_count} tables ({share_pct:.1f} %) are quarantined, "
            f"more than {max_quarantined_pct:g} %. See quarantine_reason in dim_report."
        )
    return Decision(tuple(reasons))
