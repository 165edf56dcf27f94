"""Figures that sentences state: how many, of what, for which year and body."""
