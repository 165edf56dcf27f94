"""Who reports, for which region and for whom else: names, places, scope."""
