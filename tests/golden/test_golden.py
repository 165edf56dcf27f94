"""Every file of the corpus gives what a person once read and accepted."""

import pytest

from loaders.form import Form
from tests.golden.rendering import CORPUS, list_cases, locate_golden, render


@pytest.mark.parametrize("case", list_cases())
def test_the_corpus_is_read_as_accepted(case: str, form: Form) -> None:
    missing = [path.name for path in locate_golden(case).values() if not path.is_file()]
    assert not missing, f"no {missing}: run `make accept CASE={case}` and read what it wrote"
    for what, text in render(case, form).items():
        assert text == locate_golden(case)[what].read_text(encoding="utf-8"), what


def test_no_golden_file_stands_alone() -> None:
    cases = set(list_cases())
    for path in CORPUS.glob("*/*.csv"):
        case = f"{path.parent.name}/{path.name.split('.')[0]}"
        assert case in cases, f"{path.name} has no text beside it: delete it"


def test_every_edition_with_a_table_has_a_case(form: Form) -> None:
    editions = {case.split("/")[0] for case in list_cases()}
    assert {edition.form_id for edition in form.editions} <= editions
