"""Small worlds to compute: told by hand (`tiny_campaign`) or dealt by a seed (`world`)."""

from worlds.hostile import world
from worlds.rulebook import rules_of
from worlds.story import World, tiny_campaign

__all__ = ["World", "rules_of", "tiny_campaign", "world"]
