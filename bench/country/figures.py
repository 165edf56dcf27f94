"""What each body counts, year after year: own figures, their sums over regions, and what goes on.

Figures are drawn for the bodies themselves and added up for the reports of regions, so that a region
never reports less than its parts. Stocks and open cases of one year are where the next begins.
"""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from bench.country.equations import Operand, list_equations, raise_to_hold
from loaders.form import Form
from tests.layouts import (
    APPLICANTS,
    Drawn,
    draw_appeals,
    draw_proactive,
    draw_requests,
    draw_statistics,
)

YEARLY = ("national_2019", "national_2021")
NARRATIVE = "narrative"
_STOCKS = ("rules", "normdocs")
_SERVICES = ("5_licensing", "5_other_services", "6_penalty", "6_coercion", "8_fees")
_COUNTS = (0, 0, 0, 0, 1, 1, 2, 3, 5, 8, 13, 27)
_MONEY = tuple(map(Decimal, ("0", "0", "0.5", "12.43", "356", "2704.62")))
_FORUMS = 3
_RESULTS = 4
_CHANNELS = {
    "narr_requests_in_person": "当面申请",
    "narr_requests_mail": "信函申请",
    "narr_requests_fax": "传真申请",
    "narr_requests_online": "网络申请",
}


def choose_form(province_code: str, year: int) -> str:
    """The edition that a province used in a year; prose where it had no table yet."""
    if year >= 2021:
        return "national_2021"
    if year >= 2019:
        return "national_2019"
    if province_code == "350000" and year >= 2011:
        return "provincial_fujian"
    if year >= 2014:
        return "national_2014"
    if province_code == "330000" and year >= 2012:
        return "provincial_2013"
    return "provincial_2008" if province_code == "310000" else NARRATIVE


@dataclass
class State:
    """What one year leaves to the next."""

    open_requests: Counter[str] = field(default_factory=Counter)
    """By applicant."""
    stocks: Counter[str] = field(default_factory=Counter)
    open_reviews: int = 0
    cumulative: Counter[str] = field(default_factory=Counter)

    def add(self, other: "State") -> None:
        """Take over what another body leaves behind."""
        self.open_requests.update(other.open_requests)
        self.stocks.update(other.stocks)
        self.open_reviews += other.open_reviews
        self.cumulative.update(other.cumulative)


@dataclass
class Counts:
    """The free figures of one body and year; everything else follows from them."""

    requests: Counter[tuple[str, str]] = field(default_factory=Counter)
    appeals: Counter[int] = field(default_factory=Counter)
    proactive: Counter[str] = field(default_factory=Counter)
    statistics: Counter[tuple[str, str]] = field(default_factory=Counter)
    claims: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Counts") -> None:
        for name in ("requests", "appeals", "proactive", "statistics", "claims"):
            getattr(self, name).update(getattr(other, name))


def draw_counts(random: Random, form: Form, form_id: str, state: State, busy: int) -> Counts:
    """Draw what a body did in a year, and move its state on.

    Args:
        busy: about how many requests it gets.
    """
    if form_id == NARRATIVE:
        return _draw_claims(random, busy)
    if form_id in YEARLY:
        return _draw_yearly(random, form, form_id, state, busy)
    return _draw_list(random, form, form_id, state, busy)


def _draw_yearly(random: Random, form: Form, form_id: str, state: State, busy: int) -> Counts:
    counts = Counts()
    rows = _outcome_rows(form, form_id)
    people = APPLICANTS[:-1]
    weights = (12, 5, 1, 1, 2, 2)
    for _ in range(random.randrange(2, 9)):
        key = (random.choice(rows), random.choices(people, weights)[0])
        counts.requests[key] += random.randrange(busy)
    still_open: Counter[str] = Counter()
    for applicant in people:
        closed = sum(n for (_, who), n in counts.requests.items() if who == applicant)
        if closed and random.random() < 0.4:
            still_open[applicant] = random.randrange(1 + closed // 4)
        carried_in = state.open_requests[applicant]
        missing = carried_in - closed - still_open[applicant]
        if missing > 0:
            counts.requests[rows[0], applicant] += missing
        counts.requests["req_carried_in", applicant] = carried_in
        counts.requests["req_carried_out", applicant] = still_open[applicant]
    closed_count = sum(n for (row, _), n in counts.requests.items() if row in rows)
    _draw_appeals(random, counts, state, closed_count)
    _draw_article_20(random, form, form_id, counts, state)
    state.open_requests = still_open
    return counts


def _outcome_rows(form: Form, form_id: str) -> list[str]:
    lines = [line for line in form.lines(form_id) if line.table_code == "requests"]
    parents = {line.parent_code for line in lines}
    return [
        line.indicator_code
        for line in lines
        if line.outcome_level == "outcome"
        and line.node_type == "leaf"
        and line.indicator_code not in parents
    ]


def _draw_appeals(random: Random, counts: Counts, state: State, closed_count: int) -> None:
    """Twelve results; what review left open last year is among its cases of this one."""
    most = closed_count // 6
    for place in range(_FORUMS * _RESULTS):
        if random.random() < 0.3:
            counts.appeals[place] = random.randrange(1 + most // 6)
    counts.appeals[0] += state.open_reviews
    # Suits after review cannot outnumber the reviews.
    after = sum(counts.appeals[place] for place in range(2 * _RESULTS, 3 * _RESULTS))
    reviews = sum(counts.appeals[place] for place in range(_RESULTS))
    counts.appeals[1] += max(after - reviews, 0)
    state.open_reviews = counts.appeals[_RESULTS - 1]


def _draw_article_20(
    random: Random, form: Form, form_id: str, counts: Counts, state: State
) -> None:
    figures = counts.proactive
    is_first = form_id == "national_2019"
    for line in form.lines(form_id):
        if line.dimension_code == "article_20" and line.row_label_zh:
            values = _MONEY if line.unit == "万元" else _COUNTS
            figures[line.indicator_code] = random.choice(values)
    for kind in _STOCKS:
        made = figures[f"a20_1_{kind}_made"]
        if is_first:
            newly = figures[f"a20_1_{kind}_newly_published"] = random.randint(0, made)
            state.stocks[kind] += newly
            figures[f"a20_1_{kind}_total_public"] = state.stocks[kind]
        else:
            gone = figures[f"a20_1_{kind}_repealed"] = random.randint(0, state.stocks[kind])
            state.stocks[kind] += made - gone
            figures[f"a20_1_{kind}_in_force"] = state.stocks[kind]
    for service in _SERVICES:
        if f"a20_{service}_prev_items" in figures:
            figures[f"a20_{service}_prev_items"] = state.stocks[service]
            change = random.randint(-min(3, state.stocks[service]), 9)
            figures[f"a20_{service}_change"] = change
            state.stocks[service] += change


def _draw_list(random: Random, form: Form, form_id: str, state: State, busy: int) -> Counts:
    columns = [column.column_code for column in form.value_columns(form_id)]
    yearly = "this_year" if "this_year" in columns else columns[0]
    lines = [line for line in form.lines(form_id) if line.node_type != "heading" and line.unit]
    equations = [
        equation
        for equation in list_equations(form, form_id)
        if equation.scope_code in ("", yearly)
    ]
    figures: dict[Operand, Decimal | int] = {}
    for line in lines:
        values = _MONEY if line.unit == "万元" else _COUNTS
        is_busy = random.random() < 0.2
        value = random.randrange(busy) if is_busy else random.choice(values)
        figures["cell", line.indicator_code, yearly] = value
    raise_to_hold(equations, figures)
    counts = Counts()
    for (_, code, _), value in figures.items():
        counts.statistics[code, yearly] = value
        if "cumulative" in columns:
            state.cumulative[code] += value
            counts.statistics[code, "cumulative"] = state.cumulative[code]
        if "period" in columns:
            counts.statistics[code, "period"] = value
    if form_id == "national_2014":
        # The next form asks what was carried in.
        received, closed = (figures["cell", f"n14_{w}", ""] for w in ("received", "completed"))
        state.open_requests = Counter({"natural_person": received - closed})
    return counts


def _draw_claims(random: Random, busy: int) -> Counts:
    channels = {code: random.randrange(1 + busy // 3) for code in _CHANNELS}
    received = sum(channels.values())
    granted = random.randint(0, received)
    website = random.randrange(40 * busy)
    return Counts(
        claims=Counter(
            {
                "narr_proactive_total": website + random.randrange(10 * busy),
                "narr_proactive_website": website,
                "narr_requests_received": received,
                **channels,
                "narr_outcomes_total": received,
                "narr_out_granted_or_partial": granted,
                "narr_out_refused": received - granted,
                "narr_review_total": random.choice(_COUNTS),
                "narr_litigation_total": random.choice(_COUNTS),
            }
        )
    )


def draw_tables(form: Form, form_id: str, counts: Counts) -> list[Drawn]:
    """The tables of a report as its edition prints them; none where it has prose only."""
    if form_id == NARRATIVE:
        return []
    if form_id in YEARLY:
        proactive = {code: Decimal(value) for code, value in counts.proactive.items()}
        appeals = [counts.appeals[place] for place in range(_FORUMS * _RESULTS)]
        return [
            draw_proactive(form, form_id, proactive),
            draw_requests(form, form_id, counts.requests),
            draw_appeals(form, appeals),
        ]
    statistics = {key: Decimal(value) for key, value in counts.statistics.items()}
    return [draw_statistics(form, form_id, statistics)]


_RECEIVED = {
    "national_2014": "n14_received",
    "provincial_2013": "p13_requests",
    "provincial_2008": "p8_10_requests",
    "provincial_fujian": "pfj_requests",
}


def state_claims(
    form_id: str, counts: Counts, tables: list[Drawn], is_told: bool
) -> dict[str, int]:
    """The figures that the prose states, by code: all of them, or the requests received."""
    if form_id == NARRATIVE:
        return dict(counts.claims)
    if not is_told:
        return {}
    if form_id in YEARLY:
        received = next(t.values["req_new", "total"] for t in tables if t.table_code == "requests")
    else:
        values = tables[0].values
        code = _RECEIVED[form_id]
        received = values[code, "this_year"] if (code, "this_year") in values else values[code, ""]
    return {"narr_requests_received": int(received)}
