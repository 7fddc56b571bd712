"""Whole numbers in arrays: runs of equal keys, and several numbers in one; nothing here knows of campaigns."""
