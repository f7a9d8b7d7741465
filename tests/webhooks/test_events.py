"""The generated events: named as on the wire, loaded when they are used, and found by the names of announcements."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args, get_type_hints

import attrs
import pytest

from tiktok_shop_async import events
from tiktok_shop_async.event import Event, UnknownEvent
from tiktok_shop_async.events import event_class
from tiktok_shop_async.model import Model
from tiktok_shop_async.sandbox.spec import bundled_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
WEBHOOKS: dict[str, Any] = {name: item["post"] for name, item in bundled_spec().webhooks.items()}
ANNOUNCED = re.findall(
    r"\*\*Webhook (\d+), ([^:]+):\*\* (?:Renamed to ([^.]+)\.)?",
    (ROOT / "docs" / "announcements.md").read_text(encoding="utf-8"),
)


def of_number(number: int) -> type[Event]:
    found = event_class(number)
    assert found is not None
    return found


def names_of(schema: dict[str, Any], place: str = "") -> Iterator[str]:
    """Every field of a notification, as the spec has it, with where it stands."""
    for name, part in schema.get("properties", schema.get("items", {}).get("properties", {})).items():
        yield f"{place}{name}"
        yield from names_of(part, f"{place}{name}.")


def attributes_of(model: type[Model], place: str = "") -> Iterator[str]:
    """Every attribute of an event, and of what it holds, with where it stands."""
    hints = get_type_hints(model)
    for each in attrs.fields(cast("Any", model)):
        yield f"{place}{each.name}"
        for part in (hints[each.name], *get_args(hints[each.name])):
            if isinstance(part, type) and issubclass(part, Model):
                yield from attributes_of(part, f"{place}{each.name}.")


@pytest.mark.parametrize("name", WEBHOOKS)
def test_attributes_have_the_names_of_the_wire(name: str) -> None:
    webhook = WEBHOOKS[name]
    wire = set(names_of(webhook["requestBody"]["content"]["application/json"]["schema"]))
    # What every event has, whether its type carries it or not.
    assert set(attributes_of(of_number(webhook["x-webhook-type"]))) == wire | {"tts_notification_id", "shop_id"}


@pytest.mark.parametrize("name", WEBHOOKS)
def test_an_event_has_the_number_of_its_type_and_says_how_it_is_called(name: str) -> None:
    webhook = WEBHOOKS[name]
    model = of_number(webhook["x-webhook-type"])
    assert model().type == webhook["x-webhook-type"]
    assert f"Type {webhook['x-webhook-type']}, `{name}`" in (model.__doc__ or "")


def loaded_by(code: str) -> set[str]:
    """The modules of events that a fresh interpreter has loaded after running the code."""
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603
    return {each.rpartition(".")[2] for each in done.stdout.split() if each.startswith("tiktok_shop_async.events.")}


def test_an_event_is_imported_when_it_is_first_named() -> None:
    assert loaded_by("from tiktok_shop_async import events, webhooks") == set()
    assert loaded_by("from tiktok_shop_async.events import OrderStatusChange") == {"order_status_change"}


def test_a_notification_is_read_with_no_other_event_than_its_own() -> None:
    code = "from tiktok_shop_async.webhooks import parse\n"
    assert loaded_by(code + "parse(b'{\"type\":9999}')") == set()
    assert loaded_by(code + "parse(b'{\"type\":5}')") == {"product_status_change"}


def test_a_receiver_loads_no_event_that_is_not_handled() -> None:
    code = "from tiktok_shop_async.webhooks import Webhooks, SQLiteInbox\nWebhooks({'k': 's'}, SQLiteInbox('inbox.db'))"
    assert loaded_by(code) == set()


def test_every_module_can_be_imported_first() -> None:
    """No module relies on another one having been imported before it."""
    modules = sorted({getattr(events, name).__module__ for name in events.__all__ if name != "event_class"})
    code = """
from importlib import import_module
ours = lambda: [each for each in sys.modules if each.startswith("tiktok_shop_async")]
for name in {modules!r}:
    for each in ours():
        del sys.modules[each]
    import_module(name)
"""
    assert len(modules) == 45
    assert loaded_by(code.replace("{modules!r}", repr(modules)))


def test_every_name_is_there_and_no_other() -> None:
    assert all(getattr(events, name).__name__ == name for name in events.__all__)
    assert dir(events) == events.__all__
    assert event_class(9999) is None
    assert {events.Event, events.UnknownEvent} == {Event, UnknownEvent}
    with pytest.raises(AttributeError, match="no attribute 'OrderStatusChanged'"):
        _ = events.OrderStatusChanged  # type: ignore[attr-defined]


@pytest.mark.parametrize(("number", "name", "renamed"), ANNOUNCED)
def test_a_name_of_the_announcements_leads_to_its_event(number: str, name: str, renamed: str) -> None:
    """In the table of events, and in the documentation of the class."""
    [row] = re.findall(rf"^\| {number} \| .*$", (ROOT / "docs" / "events.md").read_text(encoding="utf-8"), re.MULTILINE)
    for called in filter(None, (name, renamed)):
        assert called in row
        assert called in (of_number(int(number)).__doc__ or "")


def test_the_announcements_speak_of_four_changes_of_webhooks() -> None:
    assert len(ANNOUNCED) == 4
