"""The local page on which a disclosure office checks a draft. Nothing is uploaded or kept."""
