"""Finding what some code uses, and which changes concern it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.spec_diff.bakery import CORPUS, bakery, pair
from tiktok_shop_async.spec_diff import Document, DocumentError, compare
from tiktok_shop_async.spec_diff.callers import Uses, uses_in_code, uses_listed

if TYPE_CHECKING:
    from pathlib import Path

    from tiktok_shop_async.spec_diff import Change

DOCUMENT = Document(bakery({"schemas": {"Cake": {"properties": {"weight": {"type": "integer"}}}}}))


def used(folder: Path, code: str) -> Uses:
    """What a file of code uses."""
    (folder / "shop.py").write_text(code, encoding="utf-8")
    return uses_in_code([folder], [DOCUMENT])


def told(name: str) -> list[Change]:
    """The changes of a file of the corpus."""
    found = pair(CORPUS / f"{name}.yaml")
    return compare(found.base, found.revision)


@pytest.mark.parametrize(
    "code",
    [
        "async def cake(client):\n    return await client.cakes.get_cake(cake_id='1')",
        "async def cake(self):\n    return await self.client.shop('1').cakes.get_cake(cake_id='1')",
        "bakery = shop.cakes\nasync def cake():\n    return await bakery.get_cake(cake_id='1')",
        "async def cake(cakes):\n    return await cakes.get_cake(cake_id='1')",
        "call = shop.cakes.get_cake",
        "class Oven:\n    def __init__(self, shop):\n        self._pies = shop.cakes\n    def cake(self):\n"
        "        return self._pies.get_cake(cake_id='1')",
        "pies: Cakes = shop.cakes\npies.get_cake(cake_id='1')",
        "cakes = page.rows\nclient.cakes.get_cake(cake_id='1')",
        "pies = shop.cakes\npies = page.rows\npies.get_cake(cake_id='1')",
    ],
    ids=[
        "of a client",
        "of a view",
        "of a variable",
        "of a parameter",
        "not called",
        "of an attribute",
        "of an annotated variable",
        "beside a variable of its name",
        "of a variable that is used again",
    ],
)
def test_a_method_is_found_by_resource_and_name(tmp_path: Path, code: str) -> None:
    assert used(tmp_path, code).methods == {"cakes.get_cake"}


@pytest.mark.parametrize(
    "code",
    [
        "shop.pies.get_cake()",
        "shop.cakes.get_pie()",
        "get_cake()",
        "'shop.cakes.get_cake()'",
        "# shop.cakes.get_cake()",
    ],
)
def test_what_only_looks_like_a_method_is_none(tmp_path: Path, code: str) -> None:
    assert used(tmp_path, code) == Uses()


@pytest.mark.parametrize(
    "code",
    [
        "from tiktok_shop_async.models import Cake",
        "from tiktok_shop_async.models.cake import Cake as Gateau",
        "from tiktok_shop_async import models\ncake = models.Cake()",
        "from tiktok_shop_async import models as m\ncake = m.Cake()",
        "import tiktok_shop_async.models as m\ncake = m.Cake()",
        "import tiktok_shop_async.models\ncake = tiktok_shop_async.models.Cake()",
        "from tiktok_shop_async.events import Cake",
    ],
)
def test_a_class_is_found_where_it_comes_from(tmp_path: Path, code: str) -> None:
    assert "Cake" in used(tmp_path, code).classes


def test_of_all_classes_those_are_found_that_are_named(tmp_path: Path) -> None:
    assert used(tmp_path, "from tiktok_shop_async.models import *\ncake: Cake").classes == {"Cake", "cake"}


def test_a_class_of_another_package_is_none_of_this_one(tmp_path: Path) -> None:
    assert used(tmp_path, "from bakery.models import Cake").classes == set()


def test_folders_are_looked_through_and_hidden_ones_are_not(tmp_path: Path) -> None:
    for folder in ("jobs", ".venv"):
        (tmp_path / folder).mkdir()
    (tmp_path / "jobs" / "nightly.py").write_text("shop.cakes.get_cake()", encoding="utf-8")
    (tmp_path / ".venv" / "other.py").write_text("shop.cakes.bake_cake()", encoding="utf-8")
    assert uses_in_code([tmp_path], [DOCUMENT]).methods == {"cakes.get_cake"}


def test_a_file_may_be_written_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_bytes("# coding: latin-1\nname = 'Käse'\nshop.cakes.get_cake()".encode("latin-1"))
    assert uses_in_code([tmp_path / "shop.py"], [DOCUMENT]).methods == {"cakes.get_cake"}


@pytest.mark.parametrize("code", ["async def", "\0"], ids=["broken", "binary"])
def test_a_file_that_is_no_python_is_named(tmp_path: Path, code: str) -> None:
    with pytest.raises(DocumentError, match=r"shop\.py: cannot be read as Python"):
        used(tmp_path, code)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"nowhere\.py: cannot be read as Python"):
        uses_in_code([tmp_path / "nowhere.py"], [DOCUMENT])


def test_a_list_names_methods_classes_and_paths() -> None:
    lines = ["# What the nightly job calls", "", "cakes.get_cake()  # the cakes", "POST /cakes", "Cake"]
    uses = uses_listed(lines, [DOCUMENT])
    assert uses == Uses(methods={"cakes.get_cake", "cakes.bake_cake"}, classes={"Cake"})


def test_what_a_list_names_in_vain_is_noted() -> None:
    assert uses_listed(["cakes.get_pie", "GET /pies"], [DOCUMENT]).unknown == ["cakes.get_pie", "GET /pies"]


def test_a_change_of_an_answer_concerns_who_calls_for_it() -> None:
    (change,) = told("answer-field-removed")
    assert Uses(methods={"cakes.get_cake"}).concerns(change)
    assert not Uses(methods={"cakes.bake_cake"}).concerns(change)


@pytest.mark.parametrize("name", ["server-removed", "security-scheme-changed"])
def test_a_change_of_the_whole_api_concerns_every_call(name: str) -> None:
    (change,) = [each for each in told(name) if each.rule == name]
    assert Uses(methods={"cakes.get_cake"}).concerns(change)
    assert not Uses(classes={"Cake"}).concerns(change)


def test_a_resource_that_an_account_has_no_more_concerns_who_calls_it() -> None:
    (change,) = told("account-kind-removed")
    assert Uses(methods={"cakes.get_cake"}).concerns(change)
    assert not Uses(methods={"pies.get_pie"}).concerns(change)


def test_a_change_of_a_class_concerns_who_imports_it() -> None:
    (change,) = told("answer-field-removed")
    assert Uses(classes={"Cake"}).concerns(change)
    assert not Uses(classes={"Oven"}).concerns(change)


def test_a_change_of_a_notification_concerns_who_handles_it() -> None:
    (change,) = told("webhook-class-gains-a-field")
    assert Uses(classes={"CakeBaked"}).concerns(change)


def test_a_change_concerns_who_calls_an_operation_by_its_alias() -> None:
    before, after = (
        {"schemas": {"Cake": {"properties": {"weight": {"type": kind}}}}, "get_cake": {"x-alias": "fetch_cake"}}
        for kind in ("integer", "string")
    )
    (change,) = compare(Document(bakery(before)), Document(bakery(after)))
    assert Uses(methods={"cakes.fetch_cake"}).concerns(change)


def test_a_change_concerns_who_calls_an_operation_by_the_name_that_it_had() -> None:
    before, after = (
        {"get_cake": {"operationId": name, "x-safety": safety}}
        for name, safety in (("get_cake", "read"), ("fetch_cake", "unsafe"))
    )
    changes = compare(Document(bakery(before)), Document(bakery(after)))
    assert [change.rule for change in changes if Uses(methods={"cakes.get_cake"}).concerns(change)] == [
        "method-renamed",
        "safety-weakened",
    ]


@pytest.mark.parametrize("name", ["operation-added", "method-added", "class-added", "webhook-added"])
def test_what_is_new_concerns_no_code_that_is_there(name: str) -> None:
    change = next(change for change in told(name) if change.rule == name)
    assert not Uses(methods=set(change.operations), classes=set(change.names)).concerns(change)
