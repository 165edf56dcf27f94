"""The tables of a report: cells, labels and figures, whatever a website made of them."""
