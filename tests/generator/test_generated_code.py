"""What the generated code is worth where it is used: under type checkers, and with the runtime."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    InGarden = Callable[[str], str]


GENERATED = ("api", "events", "models")


def attributes(module: str) -> Iterator[tuple[str, list[str]]]:
    """The attributes of each model in a module, read from its source."""
    for node in ast.parse(module).body:
        if isinstance(node, ast.ClassDef) and node.decorator_list:
            fields = [each.target for each in node.body if isinstance(each, ast.AnnAssign)]
            yield node.name, [each.id for each in fields if isinstance(each, ast.Name)]


@pytest.mark.parametrize(
    "checker", [("mypy", "--strict", "--follow-imports=silent"), ("pyright",)], ids=["mypy", "pyright"]
)
def test_it_is_clean_under_strict_type_checking(package: Path, checker: tuple[str, ...]) -> None:
    root = package.parent
    (root / "pyrightconfig.json").write_text(
        json.dumps({"typeCheckingMode": "strict", "include": [f"{package.name}/{each}" for each in GENERATED]})
    )
    folders = [f"{package.name}/{each}" for each in GENERATED] if checker[0] == "mypy" else []

    done = subprocess.run(  # noqa: S603 - a checker of this environment
        [sys.executable, "-m", *checker, *folders], cwd=root, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout


def test_attributes_have_the_names_of_the_wire(generated: dict[str, str], garden: dict[str, Any]) -> None:
    schemas = garden["components"]["schemas"]
    found = [
        each
        for name, text in generated.items()
        if name.startswith("tiktok_shop_async/models/")
        for each in attributes(text)
    ]

    assert {"Plant", "Seed", "SeedInput", "PotInput"} <= {name for name, _ in found}
    for name, names in found:
        schema = schemas.get(name) or schemas[name.removesuffix("Input")]
        assert sorted(names) == sorted(schema["properties"]), name


def test_every_module_can_be_imported_first(in_garden: InGarden, generated: dict[str, str]) -> None:
    """No module relies on another one having been imported before it."""
    modules = [name.removesuffix(".py").replace("/", ".") for name in generated if name.endswith(".py")]

    for module in modules:
        in_garden(f"import {module.removesuffix('.__init__')}")


def test_a_resource_is_imported_when_it_is_first_used(in_garden: InGarden) -> None:
    printed = in_garden(
        """
import sys
from tiktok_shop_async.api import ShopResources

class Client(ShopResources):
    def __init__(self): self._call = "the caller"

client = Client()
print([name for name in sys.modules if name.startswith("tiktok_shop_async.api.")])
print(client.garden_beds._call, type(client.garden_beds).__name__)
print([name for name in sys.modules if name.startswith(("tiktok_shop_async.api.", "tiktok_shop_async.models."))])
"""
    )

    assert printed.splitlines() == ["[]", "the caller GardenBeds", "['tiktok_shop_async.api.garden_beds']"]


def test_a_resource_is_there_for_the_accounts_that_its_tag_names(in_garden: InGarden) -> None:
    printed = in_garden(
        """
from tiktok_shop_async.api import CreatorResources, PartnerResources, ShopResources

for each in (ShopResources, CreatorResources, PartnerResources):
    print([name for name in vars(each) if not name.startswith("_")])
"""
    )

    assert printed.splitlines() == ["['garden_beds', 'plants']", "[]", "['garden_beds']"]


def test_models_are_imported_when_they_are_first_named(in_garden: InGarden) -> None:
    printed = in_garden(
        """
import sys
from tiktok_shop_async import models

before = [name for name in sys.modules if name.startswith("tiktok_shop_async.models.")]
print(before, sorted(models.__all__) == dir(models), models.Place.__module__)
print(all(getattr(models, name).__name__ == name for name in models.__all__))
try:
    models.Shed
except AttributeError as error:
    print(error)
"""
    )

    assert printed.splitlines() == [
        "[] True tiktok_shop_async.models.place",
        "True",
        "module 'tiktok_shop_async.models' has no attribute 'Shed'",
    ]


def test_an_answer_fills_its_models_even_where_attributes_are_called_like_types(in_garden: InGarden) -> None:
    printed = in_garden(
        """
import msgspec
from tiktok_shop_async.models import PlantPage

page = msgspec.json.decode(
    b'{"plants": [{"id": "7", "list": ["spring"], "str": "s", "field": "f", "date": "2024-05-01",'
    b'"place": {"row": 2}, "seeds": [{"parents": [{}]}], "grid": [[1, 2], []], "extras": {"a": [1]}}, {}]}',
    type=PlantPage,
    strict=False,
)
plant, empty = page.plants
print(plant.id, plant.list, plant.str, plant.field, plant.date, plant.place.row, plant.grid, plant.extras)
print(plant.seeds[0].parents[0].sort, plant.state)
print(repr(empty.id), empty.name, empty.list, empty.seeds, empty.pot.color, empty.extras)
print(empty.list is not page.plants[0].grid, empty.seeds is empty.offshoots)
"""
    )

    assert printed.splitlines() == [
        "7 ['spring'] s f 2024-05-01 2 [[1, 2], []] {'a': [1]}",
        "None None",
        "'' None [] [] None None",
        "True False",
    ]


def test_an_input_is_encoded_by_its_shapes(in_garden: InGarden) -> None:
    printed = in_garden(
        """
from tiktok_shop_async.api.plants import _CREATE_PLANT
from tiktok_shop_async.encoding import encode
from tiktok_shop_async.models import Place, PlantState, PotInput, SeedInput

pot = PotInput(color="red", states=[PlantState.ON_OFFER], place=Place(row=1))
seeds = [SeedInput(sort="a", parents=[SeedInput(sort="b")]), {"sort": "c"}]
request = encode(_CREATE_PLANT, {"name": "Rose", "pot": pot, "seeds": seeds, "idempotency_key": "k", "kind": None})
print(request.query)
print(request.body.decode())
"""
    )
    query, body = printed.splitlines()

    assert query == "(('idempotency_key', 'k'),)"
    assert json.loads(body) == {
        "name": "Rose",
        "pot": {"color": "red", "size": 12, "states": ["on-offer"], "place": {"row": 1}},
        "seeds": [{"sort": "a", "parents": [{"sort": "b"}]}, {"sort": "c"}],
    }


def test_an_input_is_built_from_plain_data(in_garden: InGarden) -> None:
    printed = in_garden(
        """
from tiktok_shop_async.models import PotInput

pot = PotInput.from_dict({"color": "red", "states": ["growing"], "place": {"bed": "north"}})
print(pot.color, pot.size, pot.states, pot.place.bed)
"""
    )

    assert printed == "red 12 ['growing'] north"


def test_what_an_input_needs_has_to_be_given(in_garden: InGarden) -> None:
    printed = in_garden(
        """
from tiktok_shop_async.models import PotInput

try:
    PotInput(size=3)
except TypeError as error:
    print(error)
"""
    )

    assert "color" in printed


def test_an_alias_is_the_newest_revision(in_garden: InGarden) -> None:
    printed = in_garden(
        """
from tiktok_shop_async.api.plants import Plants

print(Plants.get_plant_detail is Plants.get_plant_detail_202507)
"""
    )

    assert printed == "True"


def test_known_values_of_enumerations_compare_with_what_answers_hold(in_garden: InGarden) -> None:
    printed = in_garden(
        """
from tiktok_shop_async.models import PlantKind, PlantState

print(PlantState.ON_OFFER == "on-offer", PlantKind.MINUS_1 == -1)
print([state.name for state in PlantState])
"""
    )

    assert printed.splitlines() == ["True True", "['SOWN', 'GROWING', 'ON_OFFER', 'VALUE_2ND_YEAR']"]


def test_what_is_a_preview_is_told_by_operations_arguments_and_classes(in_garden: InGarden) -> None:
    printed = in_garden(
        """
import warnings
from tiktok_shop_async.api.plants import _CREATE_PLANT, _UPLOAD_PLANT_IMAGE
from tiktok_shop_async.encoding import encode
from tiktok_shop_async.events import PlantMovedData
from tiktok_shop_async.models import Place, Plant, PotInput

print(_UPLOAD_PLANT_IMAGE.preview, _CREATE_PLANT.preview)
print(Plant.__preview__, PotInput.__preview__, PlantMovedData.__preview__, Place.__preview__)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("default")
    pot = PotInput(color="red", has_saucer=True)
    encode(_CREATE_PLANT, {"name": "Rose", "pot": pot, "seeds": [{"sort": "a"}], "companion": {"row": 2}})
print(sorted(str(each.message).partition(" ")[0] for each in caught))
"""
    )

    assert printed.splitlines() == [
        "True False",
        "('neighbours', 'scent') ('has_saucer',) ('moved_by',) ()",
        "['PotInput(has_saucer=…)', 'plants.create_plant(companion=…)']",
    ]
