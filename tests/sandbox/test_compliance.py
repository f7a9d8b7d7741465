"""Manufacturers and responsible persons are entered, edited in several languages, and found again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sandbox.signed_calls import Caller

MANUFACTURER: dict[str, Any] = {
    "name": "Weirside Pottery",
    "email": "desk@weirside.example",
    "phone_number": {"availability": "AVAILABLE", "country_code": "+49", "local_number": "5550100200"},
    "address": "Wehrgasse 1, Lindenau am Wehr",
}
PERSON: dict[str, Any] = {
    "name": "Orla Brandt",
    "email": "orla@weirside.example",
    "phone_number": {"country_code": "+49", "local_number": "5550100300"},
    "address": {"street_address_line1": "Wehrgasse 1", "postal_code": "00991", "country": "Germany"},
}
KINDS = {
    "manufacturer": ("manufacturers", MANUFACTURER),
    "responsible_person": ("responsible_persons", PERSON),
}


def create(caller: Caller, kind: str, **changes: Any) -> str:
    """Enters one, and answers its id."""
    plural, body = KINDS[kind]
    path = f"/product/202409/compliance/{plural}"
    return str(caller.without_cipher().post(path, {**body, **changes}).data[f"{kind}_id"])


def search(caller: Caller, kind: str, **filters: Any) -> list[dict[str, Any]]:
    """Those that fit."""
    plural = KINDS[kind][0]
    path = f"/product/202501/compliance/{plural}/search"
    return list(caller.without_cipher().post(path, filters, page_size=10).data[plural])


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_entered_is_found_by_id_and_by_a_word(caller: Caller, kind: str) -> None:
    first, second = create(caller, kind), create(caller, kind, name="Somebody Else")
    assert [row["id"] for row in search(caller, kind)] == [first, second]
    assert [row["id"] for row in search(caller, kind, keyword="ELSE")] == [second]
    assert [row["id"] for row in search(caller, kind, keyword="55501")] == [first, second]
    (row,) = search(caller, kind, **{f"{kind}_ids": [first]}, keyword="else")
    assert row == {"id": first, "regional_profiles": [{"locale": "de-DE", **KINDS[kind][1]}]}


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_is_of_one_language(caller: Caller, kind: str) -> None:
    plural, body = KINDS[kind]
    contact_id = create(caller, kind)
    path = f"/product/202409/compliance/{plural}/{contact_id}/partial_edit"
    assert caller.without_cipher().post(path, {"name": "Poterie", "locale": "fr-FR"}).code == 0
    (row,) = search(caller, kind)
    assert {each["locale"]: each["name"] for each in row["regional_profiles"]} == {
        "de-DE": body["name"],
        "fr-FR": "Poterie",
    }
    (row,) = search(caller, kind, locales=["fr-FR"])
    assert [each["email"] for each in row["regional_profiles"]] == [body["email"]]


WRONG: dict[str, dict[str, Any]] = {
    "no name": {"name": " "},
    "an address that is none": {"email": "weirside.example"},
    "a number of letters": {"phone_number": {"country_code": "+49", "local_number": "seven-up"}},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", WRONG)
def test_it_is_refused_with(caller: Caller, kind: str, what: str) -> None:
    plural, body = KINDS[kind]
    path = f"/product/202409/compliance/{plural}"
    assert caller.without_cipher().post(path, {**body, **WRONG[what]}).code in {38023041, 38023042, 38023043}
    assert search(caller, kind) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_there_cannot_be_edited(caller: Caller, kind: str) -> None:
    path = f"/product/202409/compliance/{KINDS[kind][0]}/1/partial_edit"
    assert caller.without_cipher().post(path, {"name": "A name"}).code == 38023050
