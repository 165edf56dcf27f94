"""Assets, checks, jobs and the ``gongkai`` command. No parsing, no SQL logic, no rules."""
