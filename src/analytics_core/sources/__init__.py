"""Export files into canonical rows; what is bad is kept aside with its reason."""
