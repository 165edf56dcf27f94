"""Files with a structure of their own, made into the plain text that every later step reads.

One module per format, each with one function ``read(data) -> str``. Cells that a format marks as cells
come out as one row per line between pipes (see `rows_to_text`); nothing here knows what a report is.
"""

PICTURE = "〔图片〕"
"""What stands in the text where a page shows a picture."""
