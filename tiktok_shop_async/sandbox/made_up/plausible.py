"""Single made-up values: of the type, format and limits that the spec states, and of the sense that the name has."""

from __future__ import annotations

import base64
import math
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tiktok_shop_async.sandbox.made_up.assortment import FIRST_NAMES, LAST_NAMES, STREETS
from tiktok_shop_async.sandbox.made_up.subjects import known
from tiktok_shop_async.sandbox.state.clock import DAY, HOUR

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

    from tiktok_shop_async.sandbox.made_up.subjects import Subject
    from tiktok_shop_async.sandbox.spec import Schema

FORMATS = frozenset({"decimal", "unix-seconds", "unix-milliseconds", "date", "date-time", "binary"})
"""The formats that are understood; any other one is taken for none."""

FORTUNATE = ("SUCCESS", "COMPLETED", "PASS", "ENABLED", "ACTIVE", "AVAILABLE", "NORMAL")
"""What an enumeration says when all is well; what is made up tells of no failures."""

WITHOUT_CENTS = frozenset({"VND", "JPY", "IDR"})

_LATER = re.compile(r"expir|deadline|due|sla|latest|end|finish|until|deliver")
_MOMENT = re.compile(
    r"(^|_)(creat|updat|start|begin|end|effective|expir|publish|post|occur|submit|review|paid|transaction|release)[a-z]*"
    r"_(time|timestamp|at)$"
)
"""Names of times whose format the spec does not say; `min_watch_time` is how long something takes."""

_COUNT = re.compile(
    r"(^|_)(nums?|counts?|cnt|quantity|quota|quota_(sum|use)|pv|sales_volume|applicable_times|"
    r"(current|target|numerator|denominator)_value|rating|pps_score|score_90d)$"
)
_RATE = re.compile(r"(^|_)(rate|ratio|percent|ctr|ctor|cvr)s?(_|$)")
_IS_WELL = re.compile(r"(^|_)(success|successful|eligible)$")
_ENDS = tuple(
    (re.compile(rf"(^|_){low}(?=_|$)"), rf"\g<1>{high}")
    for low, high in {
        "minimum": "maximum", "min": "max", "lowest": "highest", "earliest": "latest", "start": "end", "begin": "end",
    }.items()
)  # fmt: skip
_BOUNDS = (("_ge", "_le"), ("_gt", "_lt"), ("_ge", "_lt"))


@dataclass(frozen=True, slots=True)
class Setting:
    """What surrounds a value: whom it is about, when it happened, and where links lead."""

    chance: random.Random
    subject: Subject
    moment: int
    base_url: str
    filters: Mapping[str, Any]

    def about(self, subject: Subject, chance: random.Random) -> Setting:
        """The same for another row."""
        return replace(self, subject=subject, chance=chance, moment=self.moment - chance.randrange(2 * DAY))


def value_of(name: str, schema: Schema, setting: Setting) -> Any:
    """A value for a scalar field."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return _listed(name, schema["enum"], setting)
    kind = schema.get("type", "string")
    if kind == "boolean":
        drawn = setting.chance.random() < 0.5
        return bool(_IS_WELL.search(name)) or (not name.startswith("is_fail") and "error" not in name and drawn)
    if schema.get("format") in {"unix-seconds", "unix-milliseconds"} or (
        kind in {"integer", "string"} and "format" not in schema and _MOMENT.search(name)
    ):
        moment = _moment(name, setting) * (1_000 if schema.get("format") == "unix-milliseconds" else 1)
        return _cut(str(moment), schema) if kind == "string" else _within(moment, schema)
    if kind in {"integer", "number"}:
        fact = known(setting.subject, name) or ""
        return _within(int(fact) if fact.isdecimal() else _number(name, setting), schema)
    return _cut(_text(name, schema.get("format", ""), setting), schema)


def in_order(made: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Puts the two ends of each range in an object the right way round, unless the request has said one of them."""
    for lower, upper in _ENDS:
        for low in [name for name in made if lower.search(name)]:
            high = lower.sub(upper, low)
            if not {low, high} & given.keys() and _as_number(made[low]) > _as_number(made.get(high)):
                made[low], made[high] = made[high], made[low]


def _as_number(value: Any) -> float:
    """What a value is compared by; what is no number is neither more nor less than anything."""
    try:
        return math.nan if value is None or isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return math.nan


def _listed(name: str, values: list[Any], setting: Setting) -> Any:
    if (fact := known(setting.subject, name)) in values:
        return fact
    return next((word for word in FORTUNATE if word in values), None) or setting.chance.choice(values)


def _moment(name: str, setting: Setting) -> int:
    """A time near the row's own: later than it for what follows its beginning, within the range that is asked for."""
    later = setting.chance.randrange(HOUR, 20 * HOUR)
    moment = setting.moment + (3 * DAY if _LATER.search(name) else 0) + (0 if name.startswith("create") else later)
    for lowest, highest in _BOUNDS:
        low, high = setting.filters.get(name + lowest), setting.filters.get(name + highest)
        if isinstance(low, int):
            moment = max(moment, low + 1)
        if isinstance(high, int):
            moment = min(moment, high - 1)
    return max(moment, 1)


def _number(name: str, setting: Setting) -> int:
    chance = setting.chance
    if name == "id" or name.endswith("_id"):
        return chance.randrange(100_000, 999_999)
    if name in {"width", "height", "heigth"}:
        return 600
    if name in {"code", "error_code"} or name.startswith(("fail", "ineligible")):
        return 0
    return (
        chance.randrange(1, 6)
        if re.search("level|rank|tier|star|days|priority|type|status", name)
        else (chance.randrange(1, 60))
    )


def _within(number: int, schema: Schema) -> int:
    low, high = schema.get("minimum"), schema.get("maximum")
    number = number if low is None or number >= low else low
    return number if high is None or number <= high else high


def _cut(text: str, schema: Schema) -> str:
    text = text.ljust(schema.get("minLength", 0), "0")
    return text[: schema["maxLength"]] if "maxLength" in schema else text


def _text(name: str, text_format: str, setting: Setting) -> str:
    if text_format == "decimal":
        return _decimal(name, setting)
    if text_format in {"date", "date-time"}:
        day = datetime.fromtimestamp(setting.moment, UTC)
        return day.date().isoformat() if text_format == "date" else day.strftime("%Y-%m-%dT%H:%M:%SZ")
    if (fact := known(setting.subject, name)) is not None:
        return fact
    for pattern, make in _WORDS:
        if pattern.search(name):
            return make(name, setting)
    return f"{_spoken(name)} {setting.chance.randrange(1, 400)}"


def _decimal(name: str, setting: Setting) -> str:
    chance = setting.chance
    if re.search("rate|ratio|percent|ctr|cvr|ctor", name):
        return f"0.{chance.randrange(1, 3_000):04d}"
    if re.search("length|width|height|weight", name):
        return str(chance.randrange(1, 40))
    amount = chance.randrange(50, 6_000)
    return str(amount * 100) if setting.subject.shop.currency in WITHOUT_CENTS else f"{amount / 100:.2f}"


def _spoken(name: str) -> str:
    words = name.removesuffix("_name").removesuffix("_code").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def digits(chance: random.Random, length: int) -> str:
    """An id that no row has."""
    return str(chance.randrange(10 ** (length - 1), 10**length))


def _id(name: str, setting: Setting) -> str:
    return digits(setting.chance, 19)


def _picture(name: str, setting: Setting) -> str:
    product = setting.subject.product
    images = product.details.get("main_images") if product is not None else None
    return str(images[0]["uri"]) if images else f"sandbox-{setting.chance.randrange(16**24):024x}"


def _link(name: str, setting: Setting) -> str:
    return f"{setting.base_url}/sandbox/files/{_picture(name, setting)}"


def _digest(name: str, setting: Setting) -> str:
    return f"{setting.chance.randrange(16**32):032x}"


def _encoded(name: str, setting: Setting) -> str:
    return base64.b64encode(_sentence(name, setting).encode()).decode()


def _count(name: str, setting: Setting) -> str:
    return str(_number(name, setting))


def _day(name: str, setting: Setting) -> str:
    return _text(name, "date", setting)


def _person(name: str, setting: Setting) -> str:
    chance = setting.chance
    if name.startswith("first"):
        return chance.choice(FIRST_NAMES)
    if name.startswith("last"):
        return chance.choice(LAST_NAMES)
    return f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"


def _handle(name: str, setting: Setting) -> str:
    return f"{setting.chance.choice(FIRST_NAMES)}.{setting.chance.choice(LAST_NAMES)}".lower()


def _email(name: str, setting: Setting) -> str:
    return f"{_handle(name, setting)}@example.com"


def _phone(name: str, setting: Setting) -> str:
    return f"555-01{setting.chance.randrange(10, 100)}"


def _street(name: str, setting: Setting) -> str:
    return f"{setting.chance.randrange(1, 400)} {setting.chance.choice(STREETS)}"


def _tracking_number(name: str, setting: Setting) -> str:
    return f"NW{digits(setting.chance, 12)}"


def _nothing(name: str, setting: Setting) -> str:
    return ""


def _sentence(name: str, setting: Setting) -> str:
    product = setting.subject.product
    about = product.title if product is not None else setting.subject.shop.name
    return f"{about}, {_spoken(name).lower()} {setting.chance.randrange(1, 400)}"


def _code(name: str, setting: Setting) -> str:
    return f"{name[:2].upper()}{setting.chance.randrange(1_000, 10_000)}"


def _status(name: str, setting: Setting) -> str:
    return "NORMAL"


_WORDS: tuple[tuple[re.Pattern[str], Callable[[str, Setting], str]], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in {
        r"^(fail|error|reject|ineligible|unsupported)|^next_page_token$": _nothing,
        _COUNT.pattern: _count,
        _RATE.pattern: _decimal,
        r"_date$": _day,
        r"md5$": _digest,
        r"base64$": _encoded,
        r"tracking_(number|no)$": _tracking_number,
        r"phone|local_number|whatsapp|viber|zalo": _phone,
        r"(^|_)ids?(_level_\d)?$|_number$": _id,
        r"ur[ln]s?(_list)?$|link$|(^|_)(avatar|linked_tiktok_video|images?)$": _link,
        r"uris?$": _picture,
        r"email": _email,
        r"^(first|last|full)_name$|(creator|customer)_name$": _person,
        r"buyer|contact|recipient|nick_?name|display_name|person": _person,
        r"user_?name|handle": _handle,
        r"address|street|district": _street,
        r"description|text|reason|message|content|solve|details|note|remark": _sentence,
        r"amount|price|(^|_)fee|deduction|discount|tax|cost|total|payment|(^|_)(commission|gmv)$": _decimal,
        r"code$|cipher|key$": _code,
        r"status|state$": _status,
    }.items()
)
"""By a pattern of the name, the first that fits: `street_address` is a street and `shipping_status` is none."""
