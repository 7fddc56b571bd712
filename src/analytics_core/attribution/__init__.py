"""Which delivery gets the credit: LazyFrames in, credits out."""
