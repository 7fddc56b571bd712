"""A Snapshot and a campaign's definition into text, HTML and SVG: pure functions."""
