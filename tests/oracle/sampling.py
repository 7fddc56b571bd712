"""Whether users were drawn into the control group as declared, by each user's first draw."""

from fractions import Fraction
from math import comb

from oracle.audience import ATTEMPTED, AudienceRow
from oracle.known import Row

ASSIGNED = ATTEMPTED | {"control_group"}


def sample_ratio(campaign: Row, kept: list[AudienceRow]) -> Row:
    """`kept` are the rows that count by the clock of the comparison."""
    percent = (campaign.get("audience") or {}).get("control_group_percent")
    assigned = [row for row in kept if row.standing in ASSIGNED]
    first = {row.user_id: row for row in sorted(assigned, key=draw_order, reverse=True)}
    users = drawable(list(first.values()))
    rows = drawable(assigned)
    held = sum(1 for row in users if row.drawn)
    share = None if percent is None else Fraction(str(percent)) / 100
    is_tested = users and share not in {None, 0, 1} and campaign.get("analytics_version") != "legacy"
    return {
        "declared": None if share is None else float(share),
        "observed_users": held,
        "users": len(users),
        "observed_rows": sum(1 for row in rows if row.drawn) / len(rows) if rows else None,
        "p_value": exact_binomial(held, len(users), share) if is_tested else None,
    }


def draw_order(row: AudienceRow) -> tuple[object, str]:
    return row.seen_at, row.instance_id


def drawable(rows: list[AudienceRow]) -> list[AudienceRow]:
    return [row for row in rows if row.drawn != "global"]


def exact_binomial(found: int, tries: int, share: Fraction) -> float:
    """How likely anything is that is no likelier than what was found."""
    hit, miss = share.numerator, share.denominator - share.numerator
    weights = [comb(tries, hits) * hit**hits * miss ** (tries - hits) for hits in range(tries + 1)]
    return float(Fraction(sum(weight for weight in weights if weight <= weights[found]), share.denominator**tries))
