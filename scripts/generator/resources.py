"""Derives the modules of the API: each resource's operations, as a table entry, a signature and a docstring."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scripts.generator.document import PLACES, Field, SpecError
from scripts.generator.facts import PREVIEW, described, markets, sentence
from scripts.generator.imports import ClassImports, Imports
from scripts.generator.types import OPERATION, PACKAGE, answered, module_of, parameter, taken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scripts.generator.classes import Classes
    from scripts.generator.document import Document, Json, Operation, Place

_RESERVED = ("options", "self")
_PAGING_DEFAULTS = {"token": "page_token", "token_in": "query", "next_token": "next_page_token", "first": 1}
_COLLECTIONS = {
    "seller": ("ShopResources", "The resources for the shops of a seller, each imported when it is first used."),
    "creator": ("CreatorResources", "The resources for a creator, each imported when it is first used."),
    "partner": ("PartnerResources", "The resources for a partner, each imported when it is first used."),
}
_MOST_CODES = 12  # that a docstring still lists
_SAFETY = {
    "read": "only reads, so it is retried.",
    "idempotent": "doing it twice changes nothing more, so it is retried.",
    "unsafe": "may act twice, so it is retried only when it is certain not to have run.",
}


@dataclass(frozen=True)
class Argument:
    """An argument of a method."""

    name: str
    field: str
    """The name on the wire, which differs where every method has an argument of that name already."""
    annotation: str
    default: str | None
    doc: str


@dataclass(frozen=True)
class Method:
    """A method, and the operation that it carries out."""

    operation: Operation
    constant: str
    """The name of its table."""
    kind: str
    """The class of the operation, with its parameters."""
    answer: str | None
    """The place of the answer's class."""
    tables: Mapping[Place, list[tuple[str, str]]]
    paging: Json | None
    """The arguments of `Paging`, those at their defaults left out."""
    successor: str | None
    arguments: list[Argument]
    returns: str
    result: str
    """What the docstring says of that."""
    standing: str
    """Whether it is a preview, or has had its time."""
    raises: list[tuple[str, str]]
    facts: list[tuple[str, str]]
    alias: str | None

    @property
    def data(self) -> Json:
        """What the document says of the operation."""
        return self.operation.data

    @property
    def pages(self) -> bool:
        """Whether it answers pages."""
        return self.paging is not None


@dataclass
class Resource:
    """A resource, which is a module with one class."""

    module: str
    doc: str
    accounts: tuple[str, ...]
    """The kinds of accounts that it is for."""
    methods: list[Method] = field(default_factory=list[Method])
    imports: Imports = field(default_factory=Imports)
    imports_for_types: Imports = field(default_factory=Imports)

    @property
    def name(self) -> str:
        """The class."""
        return "".join(word.capitalize() for word in self.module.split("_"))

    @property
    def owners(self) -> str:
        """Whom it is for, in words."""
        return " and ".join(f"{account}s" for account in self.accounts)


@dataclass(frozen=True)
class Collection:
    """The resources for one kind of account: a class with a property for each."""

    name: str
    """The class."""
    doc: str
    resources: Sequence[Resource]


def collections(found: Sequence[Resource]) -> list[Collection]:
    """The resources by the kinds of accounts that they are for. Each kind has a class, if only an empty one."""
    return [
        Collection(name, doc, [each for each in found if account in each.accounts])
        for account, (name, doc) in _COLLECTIONS.items()
    ]


def resources(document: Document, classes: Classes, operations: Sequence[Operation]) -> list[Resource]:
    """Every resource that has operations, by name."""
    found: dict[str, Resource] = {}
    for operation in operations:
        tag = operation.tag
        resource = found.setdefault(tag, Resource(tag, sentence(document.tags[tag]), document.accounts[tag]))
        resource.methods.append(_Writer(document, classes, operations, resource).method(operation))
    for resource in found.values():
        if unknown := sorted(set(resource.accounts) - _COLLECTIONS.keys()):
            raise SpecError(f"{resource.module}: x-accounts: there are no accounts of the kind {', '.join(unknown)}")
        resource.imports.use(f"{PACKAGE}.call", "Resource")
        resource.imports_for_types.use(f"{PACKAGE}.options", "CallOptions")
        if resource.name in resource.imports or resource.name in resource.imports_for_types:
            raise SpecError(f"{resource.module}: the class {resource.name} has the name of something that it uses")
    return sorted(found.values(), key=lambda resource: resource.module)


class _Writer:
    """Writes the methods of one resource."""

    def __init__(
        self, document: Document, classes: Classes, operations: Sequence[Operation], resource: Resource
    ) -> None:
        self._document = document
        self._classes = classes
        self._names = {each.id: each.name for each in operations}
        self._runtime = resource.imports
        methods = {each.id for each in operations if each.tag == resource.module}
        self._typing = ClassImports(resource.imports_for_types, methods)

    def method(self, operation: Operation) -> Method:
        """The method of an operation."""
        data = operation.data
        paging = self._paging(operation)
        answer = self._answer(operation)
        if paging is None:
            kind, returns = f"{self._runtime.use(OPERATION, 'Operation')}[{answer}]", answer
            result = sentence(operation.answer_description)
        else:
            row = answered(self._document.row(operation), self._classes, self._typing)
            kind = f"{self._runtime.use(OPERATION, 'PagedOperation')}[{answer}, {row}]"
            returns = f"{self._typing.use(f'{PACKAGE}.paging', 'Pager')}[{answer}, {row}]"
            self._runtime.use(OPERATION, "Paging")
            result = f"A pager: iterate it for each `{row}`, or await it for the first `{answer}`."
        if "x-partial-errors" in data:
            self._runtime.use(OPERATION, "PartialErrors")
        successor = self._successor(operation)
        return Method(
            operation=operation,
            constant=f"_{operation.id.upper()}",
            kind=kind,
            answer=operation.answer and self._classes.answer(operation.answer).place,
            tables={
                place: [
                    (each.name, parameter(each, self._classes, self._runtime)) for each in operation.parameters[place]
                ]
                for place in PLACES
            },
            paging=paging,
            successor=successor,
            arguments=self._arguments(operation),
            returns=returns,
            result=result,
            standing=_standing(data, successor),
            raises=_raises(operation),
            facts=_facts(data),
            alias=data.get("x-alias"),
        )

    def _answer(self, operation: Operation) -> str:
        if operation.answer is None:
            return self._typing.use(f"{PACKAGE}.model", "Acknowledgement")
        cls = self._classes.answer(operation.answer)
        return self._typing.use(module_of(cls), cls.name)

    def _paging(self, operation: Operation) -> Json | None:
        paging = operation.data.get("x-pagination")
        if paging is None or paging["style"] == "none":
            return None
        given = {"items": paging["items"], "key": paging.get("key"), "total": paging.get("total")}
        if paging["style"] == "page-number":
            given |= {"number": paging["page-number"]["name"], "first": paging["page-number"]["first"]}
        else:
            token = paging["token"]
            given |= {"token": token["name"], "token_in": token["in"], "next_token": paging["next-token"]}
        return {name: value for name, value in given.items() if value not in (None, _PAGING_DEFAULTS.get(name))}

    def _successor(self, operation: Operation) -> str | None:
        successor = operation.data.get("x-successor")
        if successor is not None and successor not in self._names:
            raise SpecError(f"{operation.id}: there is no operation {successor} to succeed it")
        return successor and self._names[successor]

    def _arguments(self, operation: Operation) -> list[Argument]:
        """One argument for each name, wherever it stands. What has to be given comes first, what need not be last."""
        fields: dict[str, Field] = {}
        for each in operation.fields():
            first = fields.setdefault(each.name, each)
            if first.value.type != each.value.type:
                raise SpecError(f"{operation.id}: {each.name} stands in two places with different types")
            fields[each.name] = Field(each.name, first.value, first.required or each.required)
        ends = _ends(operation.data.get("x-window", {}))
        arguments = [self._argument(each, ends.get(each.name)) for each in fields.values()]
        return sorted(arguments, key=lambda each: 0 if each.default is None else 2 if each.default == "None" else 1)

    def _argument(self, each: Field, end: str | None) -> Argument:
        annotation = taken(each.value, self._classes, self._typing)
        doc = described(each.value, sent=True, more=[end] if end else [])
        name = f"{each.name}_" if each.name in _RESERVED else each.name
        if not each.required:
            optional = annotation if each.value.kind == "anything" else f"{annotation} | None"
            return Argument(name, each.name, optional, "None", doc)
        default = repr(each.value.schema["default"]) if "default" in each.value.schema else None
        return Argument(name, each.name, annotation, default, doc)


def _ends(windows: Json) -> dict[str, str]:
    """What to say of the filters that bound a time: which end they are, and whether it is part of the answer."""
    ends: dict[str, str] = {}
    for name, window in windows.items():
        ends[window["from"]] = f"Begin of the range of `{name}`, included"
        ends[window["until"]] = f"End of the range of `{name}`, {'included' if window['inclusive'] else 'excluded'}"
    return ends


def _standing(data: Json, successor: str | None) -> str:
    instead = f": use `{successor}`" if successor else ""
    return {
        "stable": "",
        "preview": PREVIEW,
        "deprecated": f"Deprecated{instead}.",
        "retired": f"Retired, the API refuses it{instead}.",
    }[data.get("x-status", "stable")]


def _raises(operation: Operation) -> list[tuple[str, str]]:
    data = operation.data
    raises: list[tuple[str, str]] = []
    if any(operation.parameters.values()):
        raises.append(("ArgumentError", "A value is refused before anything is sent."))
    ciphers = [name for name, need in data.get("x-identifiers", {}).items() if need == "required"]
    if ciphers:
        raises.append(("CredentialsError", f"The client has no {' or no '.join(ciphers)}."))
    if "x-partial-errors" in data:
        raises.append(
            (
                "PartialFailureError",
                "Some items failed and the others did not; it names them, and its `data` is the whole answer.",
            )
        )
    codes = data.get("x-error-codes", [])
    listed = f" (documented codes: {', '.join(map(str, codes))})" if 0 < len(codes) <= _MOST_CODES else ""
    raises.append(("CallError", f"The call failed; as an `APIError` where the API refused it{listed}."))
    return raises


def _facts(data: Json) -> list[tuple[str, str]]:
    facts: list[tuple[str, str]] = []
    if data.get("x-scopes"):
        facts.append(("Scopes", ", ".join(data["x-scopes"])))
    if data.get("x-token", "seller") != "seller":
        facts.append(("Token", f"of a {data['x-token']}"))
    if "x-markets" in data:
        facts.append(("Markets", markets(data["x-markets"])))
    if key := data.get("x-idempotency-key"):
        facts.append(("Safety", f"repeated with the same `{key}` it acts once, so it is retried."))
    else:
        facts.append(("Safety", _SAFETY[data["x-safety"]]))
    if source := data.get("externalDocs", {}).get("url"):
        facts.append(("Source", source))
    return facts
