"""Which keys a table has already: against a plain dictionary, for keys of files of any size."""

from random import Random

import polars as pl
import pytest

from analytics_core.store.seen_keys import Seen
from analytics_core.tables.keys import KEY


def rows(pairs: list[tuple[str | None, int]]) -> pl.DataFrame:
    return pl.DataFrame(pairs, schema={"event_id": pl.String, "import_key": KEY}, orient="row")


@pytest.mark.parametrize("first_file", [1, 65_530, 65_536, 2_000_000_000])
@pytest.mark.parametrize("seed", range(5))
def test_new_rows_and_who_brought_the_others_are_what_a_dictionary_says(first_file: int, seed: int) -> None:
    chance = Random(seed)
    brought: dict[str, int] = {}

    def some(file: int) -> list[tuple[str | None, int]]:
        ids = [chance.choice([None, *(f"e{n}" for n in range(40))]) for _ in range(chance.randrange(30))]
        return [(event_id, file) for event_id in ids]

    stored = dict(event_id for event_id in some(first_file) if event_id[0] is not None)
    brought.update({str(event_id): file for event_id, file in stored.items()})
    seen = Seen("events", rows(list(stored.items())).lazy(), "import_key")
    for file in range(first_file + 1, first_file + 20):
        given = some(file)
        new, repeated, holders = [], [], set()
        for event_id, _ in given:
            if event_id is None or event_id not in brought:
                new.append(event_id)
                if event_id is not None:
                    brought[event_id] = file
            else:
                repeated.append(event_id)
                holders.add(brought[event_id])
        sifted = seen.sift(rows(given))
        assert sifted.new["event_id"].to_list() == new
        assert sorted(sifted.repeated["event_id"]) == sorted(repeated)
        assert sifted.holders.get(file, set()) == holders
