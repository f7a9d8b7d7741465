"""Manufacturers and responsible persons: who stands for a product in the EU. They are the seller's, not a shop's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.paging import take_page
from tiktok_shop_async.sandbox.refusal import RefusalError
from tiktok_shop_async.sandbox.registry import Data, serves
from tiktok_shop_async.sandbox.state.rows import Contact

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.call import Call
    from tiktok_shop_async.sandbox.state.table import Table

WRONG_EMAIL = 38023042
WRONG_PHONE = 38023043
NO_NAME = 38023041
NO_SUCH_CONTACT = 38023050

DEFAULT_LOCALE = "de-DE"
PHONE_LENGTHS = range(7, 21)
FIELDS = ("name", "registered_trade_name", "email", "phone_number", "address")
SEARCHED = ("name", "registered_trade_name", "email")


@serves("POST", "/product/202409/compliance/manufacturers")
def create_manufacturer(call: Call) -> Data:
    """Enters a manufacturer."""
    return {"manufacturer_id": _create(call, call.world.manufacturers)}


@serves("POST", "/product/202409/compliance/manufacturers/{manufacturer_id}/partial_edit")
def edit_manufacturer(call: Call) -> Data:
    """Changes what the body names of a manufacturer, in one language."""
    return _edit(call, call.world.manufacturers, call.path["manufacturer_id"])


@serves("POST", "/product/202501/compliance/manufacturers/search")
def search_manufacturers(call: Call) -> Data:
    """Manufacturers by id, or else by a word in their particulars."""
    return _search(call, call.world.manufacturers, "manufacturer_ids", "manufacturers")


@serves("POST", "/product/202409/compliance/responsible_persons")
def create_responsible_person(call: Call) -> Data:
    """Enters a responsible person."""
    return {"responsible_person_id": _create(call, call.world.responsible_persons)}


@serves("POST", "/product/202409/compliance/responsible_persons/{responsible_person_id}/partial_edit")
def edit_responsible_person(call: Call) -> Data:
    """Changes what the body names of a responsible person, in one language."""
    return _edit(call, call.world.responsible_persons, call.path["responsible_person_id"])


@serves("POST", "/product/202501/compliance/responsible_persons/search")
def search_responsible_persons(call: Call) -> Data:
    """Responsible persons by id, or else by a word in their particulars."""
    return _search(call, call.world.responsible_persons, "responsible_person_ids", "responsible_persons")


def _create(call: Call, contacts: Table[Contact]) -> str:
    _check(call.body)
    locale = str(call.body.get("locale", DEFAULT_LOCALE))
    contact = Contact(id=call.world.ids.number("product"), create_time=call.now, profiles={locale: _given(call.body)})
    return contacts.put(contact).id


def _edit(call: Call, contacts: Table[Contact], contact_id: str) -> Data:
    contact = contacts.get(contact_id)
    if contact is None:
        raise RefusalError(NO_SUCH_CONTACT, f"No entry has the id {contact_id}.")
    _check(call.body)
    locale = str(call.body.get("locale", DEFAULT_LOCALE))
    # A language that is new starts from what is said in the first one.
    before = contact.profiles.get(locale) or next(iter(contact.profiles.values()))
    contact.profiles[locale] = {**before, **_given(call.body)}
    return {}


def _search(call: Call, contacts: Table[Contact], ids_name: str, rows_name: str) -> Data:
    ids: list[str] = call.body.get(ids_name, [])
    keyword = str(call.body.get("keyword", "")).lower()
    locales = set(call.body.get("locales", []))
    page = take_page(
        call,
        (
            contact
            for contact in contacts
            if (contact.id in ids if ids else any(keyword in _text(each) for each in contact.profiles.values()))
        ),
        lambda contact: (contact.create_time, contact.id),
    )
    return {
        rows_name: [
            {
                "id": contact.id,
                "regional_profiles": [
                    {"locale": locale, **profile}
                    for locale, profile in contact.profiles.items()
                    if not locales or locale in locales
                ],
            }
            for contact in page.rows
        ],
        "total_count": page.total,
        "next_page_token": page.next_token,
    }


def _given(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in FIELDS if name in body}


def _text(profile: dict[str, Any]) -> str:
    number = profile.get("phone_number", {}).get("local_number", "")
    return " ".join([*(str(profile.get(name, "")) for name in SEARCHED), number]).lower()


def _check(body: dict[str, Any]) -> None:
    if "name" in body and not body["name"].strip():
        raise RefusalError(NO_NAME, "Missing `name`: it must not be empty.")
    if "email" in body and "@" not in body["email"].strip("@"):
        raise RefusalError(WRONG_EMAIL, "Unsuitable `email`: it is no address.")
    phone = body.get("phone_number")
    if phone is not None and phone.get("availability") != "UNAVAILABLE":
        number = phone.get("local_number", "")
        if not (number.isdecimal() and number.isascii() and len(number) in PHONE_LENGTHS):
            raise RefusalError(WRONG_PHONE, "Unsuitable `phone_number`: `local_number` has 7 to 20 digits.")
