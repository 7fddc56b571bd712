"""A second, slow opinion on every number: plain Python loops over plain rows, sharing no code with the product.

It is written from the definitions of the metrics alone, so that the product and the oracle can only agree by both being
right (or by misreading the same sentence).
"""

from oracle.difference import first_difference
from oracle.document import snapshot_documents

__all__ = ["first_difference", "snapshot_documents"]
