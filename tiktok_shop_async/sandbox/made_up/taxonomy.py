"""What listings are filed under: categories with their attributes and rules. A few, made up, for every shop alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Attribute:
    """What can be said of a product, or what its variants differ by. `values` are names by id."""

    id: str
    name: str
    values: Mapping[str, str]
    is_sales: bool = False
    takes_several: bool = False
    takes_own: bool = True


@dataclass(frozen=True, slots=True)
class Certification:
    """A document that a listing needs when it has a certain value of an attribute."""

    id: str
    name: str
    attribute_id: str
    value_id: str


@dataclass(frozen=True)
class Category:
    """A node of the category tree. What it says of attributes and documents holds for all that is below it."""

    id: str
    parent_id: str
    name: str
    attributes: Sequence[str] = ()
    required: frozenset[str] = frozenset()
    certifications: Sequence[Certification] = ()
    needs_dimensions: bool = False
    takes_size_chart: bool = False
    needs_size_chart: bool = False
    words: frozenset[str] = field(default_factory=frozenset[str])
    """By which words of a title it is recommended."""

    @cached_property
    def is_leaf(self) -> bool:
        """Whether products can be listed in it."""
        return all(other.parent_id != self.id for other in CATEGORIES.values())

    @property
    def chain(self) -> list[Category]:
        """The category with all that it is part of, the widest first."""
        above = CATEGORIES.get(self.parent_id)
        return [*(above.chain if above else ()), self]

    @property
    def all_attributes(self) -> list[Attribute]:
        """Its attributes and those of what it is part of."""
        return [ATTRIBUTES[each] for category in self.chain for each in category.attributes]

    @property
    def all_required(self) -> frozenset[str]:
        """The ids of the attributes that a listing in it must have."""
        return frozenset(each for category in self.chain for each in category.required)

    @property
    def all_certifications(self) -> list[Certification]:
        """The documents that a listing in it may need."""
        return [each for category in self.chain for each in category.certifications]


COLOR, SIZE, MATERIAL, CARE, FUEL = "100089", "100090", "100101", "100102", "100103"
LAMP_OIL = "1002301"

ATTRIBUTES = {
    attribute.id: attribute
    for attribute in (
        Attribute(COLOR, "Color", {"1000891": "White", "1000892": "Green", "1000893": "Grey"}, is_sales=True),
        Attribute(SIZE, "Size", {"1000901": "Small", "1000902": "Medium", "1000903": "Large"}, is_sales=True),
        Attribute(
            MATERIAL,
            "Material",
            {"1001011": "Stoneware", "1001012": "Glass", "1001013": "Beech", "1001014": "Cotton", "1001015": "Wool"},
            takes_several=True,
        ),
        Attribute(CARE, "Dishwasher safe", {"1001021": "Yes", "1001022": "No"}, takes_own=False),
        Attribute(FUEL, "Fuel", {"1002300": "None", LAMP_OIL: "Lamp oil"}, takes_own=False),
    )
}

SAFETY_SHEET = Certification("9100001", "Safety data sheet", FUEL, LAMP_OIL)

CATEGORIES: dict[str, Category] = {
    category.id: category
    for category in (
        Category("810000", "0", "Kitchen and table", (COLOR, MATERIAL, CARE), words=frozenset(("kitchen", "table"))),
        Category("810100", "810000", "Drinkware"),
        Category("810101", "810100", "Mugs and cups", words=frozenset(("mug", "cup", "teapot"))),
        Category("810102", "810100", "Bottles and flasks", words=frozenset(("bottle", "flask", "carafe", "jar"))),
        Category("810200", "810000", "Cooking tools", words=frozenset(("spatula", "mill", "skillet", "press", "lids"))),
        Category("820000", "0", "Living", (COLOR, MATERIAL)),
        Category("820100", "820000", "Lighting", words=frozenset(("lamp", "light", "candle"))),
        Category("820200", "820000", "Textiles", words=frozenset(("towel", "throw", "napkins", "gloves"))),
        Category(
            "820300", "820000", "Aprons", (SIZE,), frozenset((MATERIAL,)),
            takes_size_chart=True, needs_size_chart=True, words=frozenset(("apron",)),
        ),
        Category(
            "820400", "820000", "Oil lamps", (FUEL,), certifications=(SAFETY_SHEET,),
            needs_dimensions=True, words=frozenset(("oil", "lantern")),
        ),
        Category("830000", "0", "Stationery", (COLOR,), words=frozenset(("notebook", "pencil", "calendar", "wrap"))),
    )
}  # fmt: skip

DEFAULT_CATEGORY = "830000"


def recommend(text: str) -> Category:
    """The category that most words of a text speak for."""
    words = {word.strip(".,;:()").lower() for word in text.split()}
    words |= {word.removesuffix("s") for word in words}
    leaves = [category for category in CATEGORIES.values() if category.is_leaf]
    best = max(leaves, key=lambda category: len(category.words & words))
    return best if best.words & words else CATEGORIES[DEFAULT_CATEGORY]
