"""What a run tells whoever watches it: rate, time that is left, memory."""

import re

from dagster_project.commands.build import TerminalProgress, describe_memory
from dagster_project.settings import Settings


def test_documents_come_with_their_rate_and_the_time_that_is_left():
    progress = TerminalProgress()
    progress.begin("parse", 100)
    for _ in range(3):
        progress.advance(10)
    (task,) = progress.bars.tasks
    assert task.completed == 30
    assert re.fullmatch(r"[\d,]+ documents/s", task.fields["rate"])
    assert re.fullmatch(r"\d+:\d\d:\d\d left", task.fields["left"])


def test_other_stages_tell_only_how_far_they_are():
    progress = TerminalProgress()
    progress.begin("model", 2)
    progress.advance()
    (task,) = progress.bars.tasks
    assert (task.completed, task.fields["rate"], task.fields["left"]) == (1, "", "")


def test_memory_is_told_with_the_setting_that_bounds_it():
    told = describe_memory(Settings(memory_limit="3GB"))
    assert re.match(r"Memory: \d+\.\d GB at most", told)
    assert "GONGKAI_MEMORY_LIMIT, 3GB" in told
