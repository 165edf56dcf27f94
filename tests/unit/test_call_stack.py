"""Room for calls changes what they cost, and nothing that they do."""

import resource

from dagster_project.call_stack import with_room_for_calls


def pages_taken(depth: int) -> int:
    """Pages of memory that 2,000 calls at some depth of the stack make the system hand out."""
    if depth:
        return pages_taken(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(2_000):
        int.__add__(*_two())
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def _two() -> tuple[int, int]:
    return 1, 1


@with_room_for_calls
def greet(name: str, *, greeting: str = "hello") -> str:
    """Say it."""
    return f"{greeting} {name}"


def test_it_takes_and_gives_what_it_did() -> None:
    assert greet("you", greeting="good day") == "good day you"
    assert greet("you") == "hello you"
    assert (greet.__name__, greet.__doc__) == ("greet", "Say it.")


def test_no_depth_of_the_stack_is_dear() -> None:
    @with_room_for_calls
    def dearest() -> int:
        return max(map(pages_taken, range(250)))

    assert dearest() < 500
