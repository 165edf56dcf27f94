"""A synthetic country: whole provinces, prefectures and counties that report year after year.

What is drawn here is known to the last figure, so that every mart can be compared with the truth it
was drawn from. `python -m bench.country` draws it, loads it through the real pipeline and compares.
"""
