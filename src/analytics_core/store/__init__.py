"""Where things are kept: tables, campaign book, settings. The only place that knows paths and URLs."""
