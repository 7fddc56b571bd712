"""Two hundred texts as people write them in names, filters and conditions; none of them is a secret."""

_PEOPLE = (
    "Bought in the last 90 days",
    "Customers whose last session was more than 30 days ago and who have opened at least 3 messages",
    "country is one of DE, AT, CH and total_spent > 1,250.50 and not unsubscribed",
    "last_order_at >= 2026-01-01 and last_order_at < 2026-04-01T00:00:00+02:00",
    "session_count = 5 and has_card = yes",
    "Gift card: at least 20 EUR on the account",
    "Key accounts: everybody with more than 1,000 orders",
    "Loyalty card = yes and country is DE and city is Berlin or city is Hamburg or city is Munich",
    "email_verified: true",
    "address_country = DE and age between 18 and 65",
    "Season pass: holders only",
    "phone_verified = 1 and push token exists",
    "Basic Economy travellers who negotiate better prices",
    "customersWithoutOrdersInLast90Days",
    "Donaudampfschifffahrtsgesellschaft und Rechtsschutzversicherungsgesellschaften",
    "spring-sale-2026-send-v2",
    "utm_campaign_2026_q1_de_newsletter_v3",
    "OrderPlaced20260330v2",
    "2026-01-01 2026-03-31",
    "01.02.2026 03:04",
    "Epoch 1767225600000 to 1775001600000",
    "page_url contains /checkout/step-2/payment and referrer contains acme.example",
    "RFM_segment_champions_2026H1",
    "SUMMER2026SALE15OFFDEAL",
    "WINTERSCHLUSSVERKAUF2026",
)
_THINGS = ("shoes", "season tickets", "coffee machines", "travel insurance", "mobile plans", "garden furniture", "keys")
_PLACES = ("Germany", "the Netherlands", "S\u00e3o Paulo", "\u041c\u043e\u0441\u043a\u0432\u0430", "\u6771\u4eac")
_FORMS = (
    "Win back: {thing} buyers in {place}, {number} days without an order",
    "({thing}_views >= {number} or wishlist contains '{thing}') and country = '{place}'",
    "Everybody in {place} who looked at {thing} more than {number} times in one session, but bought nothing",
    "{place} / {thing} / Q{number} 2026 / A-B test (50:50)",
    "Access to {thing}: {place} first, then all others from 2026-0{number}-01 on",
)

ORDINARY = (
    *_PEOPLE,
    *(
        form.format(thing=thing, place=place, number=number)
        for number, form in enumerate(_FORMS, 3)
        for thing in _THINGS
        for place in _PLACES
    ),
)
