"""How a computation is run. The only place that collects."""
