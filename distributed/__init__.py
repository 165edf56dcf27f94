"""Finding and parsing reports in web crawls that are too large for one machine, with PySpark.

Nothing else in the repository imports this package; it runs in an environment of its own
(``distributed/run.py``). What a report says is decided by ``loaders``, what a crawl holds by
``dagster_project.containers``: the same functions as on one machine.
"""
