"""Do the published numbers add up? Suites built from the dictionary, and the gate."""
