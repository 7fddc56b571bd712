"""What runs in the browser: three small scripts without network, and the Python side of each."""
