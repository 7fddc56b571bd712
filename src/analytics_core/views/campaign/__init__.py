"""The numbers of one campaign: cards, tables, charts, notes."""
