"""The synthetic demo: the invented app *Acme Shop*, eight weeks of it, the same bytes each time."""

from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path

from analytics_core.demo import clock
from analytics_core.demo.people import merges, population
from analytics_core.demo.plans import BATCHES, CART_REMINDER, WELCOME
from analytics_core.demo.sending import Delivery, Row, Sender
from analytics_core.demo.shopping import Happening, everyday_life
from analytics_core.domain.settings import App
from analytics_core.places.files import whole_file, write_json_lines

APP = App(name="Acme Shop", timezone=clock.TIMEZONE, currency="USD")

_REPEATED_DELIVERY = 1_201
_REPEATED_EVENT = 997


def write_synthetic(directory: Path) -> App:
    """Writes the synthetic demo into `directory`.

    Tables are JSON lines and not compressed, since compressed bytes differ between versions of zlib.

    Args:
        directory: made where it is missing; files of the same names are replaced.

    Returns:
        The app the workspace must be created with.

    Raises:
        OSError: the directory cannot be written to.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with whole_file(directory / "campaigns.json") as file:
        file.write((resources.files("analytics_core.demo") / "campaigns.json").read_bytes())
    people = population()
    # Everyday life first, since abandoned carts and sign-ups trigger campaigns.
    shop = everyday_life(people)
    senders = [Sender(plan, people, shop) for plan in BATCHES]
    for sender in senders:
        sender.batches()
    reminders, welcomes = Sender(CART_REMINDER, people, shop), Sender(WELCOME, people, shop)
    reminders.triggers((at + 45 * clock.MINUTE, person) for at, person in shop.abandoned_carts)
    joined = ((person.signed_up_at, person) for person in people if person.signed_up_at is not None)
    welcomes.triggers((at + 10 * clock.MINUTE, person) for at, person in joined if at + clock.HOUR < clock.WORLD_ENDS)
    senders += [reminders, welcomes]
    write_json_lines(directory / "instances.jsonl", (row for sender in senders for row in sender.instances))
    write_json_lines(
        directory / "deliveries.jsonl", _delivery_rows(row for sender in senders for row in sender.deliveries)
    )
    write_json_lines(directory / "events.jsonl", _event_rows(shop.happenings))
    write_json_lines(directory / "identities.jsonl", merges())
    return APP


def _delivery_rows(deliveries: Iterable[Delivery]) -> Iterator[Row]:
    """Deliveries in order of time, requests numbered; a few requests are logged twice."""
    ordered = sorted(deliveries, key=lambda row: (row.at, row.campaign_id, row.instance_id, row.user_id, row.outcome))
    requests = 0
    for delivery in ordered:
        row: Row = {
            "campaign_id": delivery.campaign_id,
            "instance_id": delivery.instance_id,
            "user_id": delivery.user_id,
            "occurred_at": clock.text(delivery.at),
            "outcome": delivery.outcome,
            **delivery.details,
        }
        if delivery.outcome != "requested":
            yield row
            continue
        requests += 1
        row["request_id"] = f"r-{requests:06d}"
        yield row
        if requests % _REPEATED_DELIVERY == 0:
            yield row


def _event_rows(happenings: Iterable[Happening]) -> Iterator[Row]:
    """Events in order of time, numbered; a few are logged twice."""
    ordered = sorted(happenings, key=lambda event: (event.at, event.user_id, event.name))
    for number, event in enumerate(ordered, start=1):
        row: Row = {
            "event_id": f"e-{number:06d}",
            "user_id": event.user_id,
            "event_name": event.name,
            "occurred_at": clock.text(event.at),
            "attributes": event.attributes,
        }
        yield row
        if number % _REPEATED_EVENT == 0:
            yield row
