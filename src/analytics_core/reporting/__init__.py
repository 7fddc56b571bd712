"""One self-contained HTML file per campaign, batches of them, and their index."""
