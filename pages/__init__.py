"""Pages for people: the static site of a release, and the local page that checks a draft.

Reads published releases and the dictionary. Imports no Dagster and no dbt, and writes no data.
"""
