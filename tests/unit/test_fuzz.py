"""Whatever bytes come: no exception, spans inside the text, time in proportion. `make fuzz` goes on for longer."""

import time
from random import Random

import pytest

from loaders.form import Form
from loaders.parse import parse
from loaders.read import decode
from tests.fuzzing import SLOW, bound_seconds, mutate, mutate_within, problems_of, seeds_of

MUTANTS = 250


def test_no_bytes_break_the_contract(form: Form) -> None:
    seeds = [(kind, data) for kind, data in seeds_of(form) if not data.startswith(b"%PDF")]
    for number in range(MUTANTS):
        random = Random(number)
        media_type, data = random.choice(seeds)
        change = random.choice((mutate, mutate, mutate_within))
        data = change(random, data, [other for _, other in seeds])
        parsed = parse(data, media_type, form)
        assert problems_of(parsed, decode(data, media_type).text) == [], number


@pytest.mark.parametrize("name", SLOW)
def test_time_is_in_proportion_to_size(name: str, form: Form) -> None:
    media_type, make = SLOW[name]
    data = make(3_000).encode()
    start = time.process_time()
    parse(data, media_type, form)
    assert time.process_time() - start < bound_seconds(len(data))
