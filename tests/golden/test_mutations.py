"""A single defect of a printed table is harmless, marked, or caught by a rule. `bench/mutation.py` goes on for longer."""

from collections import Counter
from random import Random

import pytest

from loaders.form import Form
from tests.conftest import SHARED
from tests.drawing import EDITIONS, draw_form
from tests.layouts import pipe_rows, write_report
from tests.mutations import (
    DEFECTS,
    Specimen,
    drop_digit,
    gold_specimens,
    judge_mutant,
    outcome_of,
    specimen_of,
    swap_figures,
)

TIMES = 2
# They change what is printed: a reader reads it as printed, and only a rule can tell.
_OTHER_FIGURES = {drop_digit, swap_figures}


@pytest.fixture(scope="module")
def specimens(form: Form) -> list[Specimen]:
    """Drawn reports of every edition, and the gold reports where they are at hand."""
    found = list(gold_specimens(SHARED, form)) if SHARED.is_dir() else []
    for form_id in EDITIONS:
        drawn = draw_form(Random(form_id), form, form_id)
        text = write_report({table.table_code: pipe_rows(table.grid) for table in drawn})
        found.append(specimen_of(form_id, text, form))
    return found


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.__name__)
def test_no_single_defect_goes_unnoticed(defect, specimens: list[Specimen], form: Form) -> None:
    outcomes: Counter[str] = Counter()
    for specimen in specimens:
        for number in range(TIMES):
            text = defect(Random(f"{specimen.name} {number}"), specimen)
            if text is not None and text != specimen.text:
                outcome = outcome_of(judge_mutant(form, specimen, text))
                outcomes[outcome] += 1
                if defect not in _OTHER_FIGURES:
                    assert outcome != "missed", f"{specimen.name} {number}"
    assert outcomes
    noticed = outcomes.total() - outcomes["missed"]
    print(f"{defect.__name__}: {noticed} of {outcomes.total()} noticed or harmless")
    assert noticed * 2 >= outcomes.total()
