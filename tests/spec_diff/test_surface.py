"""What the diff takes for names and types of Python is what the generated package has."""

from __future__ import annotations

import inspect
import pkgutil
from enum import Enum
from importlib import import_module
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from tiktok_shop_async import api, events, models
from tiktok_shop_async.call import Resource
from tiktok_shop_async.event import Event
from tiktok_shop_async.spec_diff import parse
from tiktok_shop_async.spec_diff.messages import arguments_of
from tiktok_shop_async.spec_diff.names import Names, argument_of, python_type
from tiktok_shop_async.spec_diff.webhooks import event_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from tiktok_shop_async.spec_diff.names import Direction

DOCUMENT = parse(files("tiktok_shop_async").joinpath("sandbox", "openapi.json").read_text(encoding="utf-8"), "the spec")
NAMES = Names(DOCUMENT)
INPUTS = NAMES.classes.keys() - NAMES.answers.keys()


def classes_of(package: ModuleType) -> Iterator[tuple[str, type[Any]]]:
    """Every class that a module of a package defines, with the name of the module."""
    for found in pkgutil.iter_modules(package.__path__):
        module = import_module(f"{package.__name__}.{found.name}")
        for cls in vars(module).values():
            if inspect.isclass(cls) and cls.__module__ == module.__name__:
                yield found.name, cls


def methods() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every method of the generated resources, with the name that the diff has for it."""
    for module, cls in classes_of(api):
        if issubclass(cls, Resource):
            for name, method in vars(cls).items():
                if not name.startswith("_") and callable(method):
                    yield f"{module}.{name}", method


METHODS = dict(methods())
MODELS = {cls.__name__: (module, cls) for module, cls in classes_of(models)}
EVENTS = {cls.__name__: cls for _, cls in classes_of(events) if issubclass(cls, Event)}


def present(annotation: str) -> str:
    """An annotation without what stands for absence."""
    return annotation.removesuffix(" | None")


def test_the_methods_are_those_of_the_generated_resources() -> None:
    assert NAMES.callables.keys() == METHODS.keys()


@pytest.mark.parametrize("name", METHODS)
def test_a_method_has_the_arguments_of_the_generated_one(name: str) -> None:
    parameters = inspect.signature(METHODS[name]).parameters
    taken = {each.name: present(each.annotation) for each in parameters.values() if each.kind is each.KEYWORD_ONLY}
    del taken["options"]
    arguments = arguments_of(DOCUMENT, NAMES.callables[name]).values()
    derived = {
        argument_of(each.name): python_type(DOCUMENT, NAMES, DOCUMENT.schema(each.node), "request", argument=True)
        for each in arguments
    }
    assert derived == taken


def test_the_classes_are_those_of_the_generated_models() -> None:
    derived = {name: schema.data["x-module"] for name, schema in NAMES.classes.items()}
    assert derived == {name: module for name, (module, _) in MODELS.items()}


@pytest.mark.parametrize("name", [name for name, (_, cls) in MODELS.items() if not issubclass(cls, Enum)])
def test_a_class_has_the_attributes_of_the_generated_one(name: str) -> None:
    schema = NAMES.classes[name]
    direction: Direction = "request" if name in INPUTS else "answer"
    derived = {
        field: python_type(DOCUMENT, NAMES, DOCUMENT.schema(DOCUMENT.property(schema, field)), direction)
        for field in schema.names
    }
    assert derived == {each.name: present(str(each.type)) for each in attrs.fields(MODELS[name][1])}


@pytest.mark.parametrize("name", [name for name, (_, cls) in MODELS.items() if issubclass(cls, Enum)])
def test_an_enumeration_has_the_constants_of_the_generated_one(name: str) -> None:
    assert NAMES.classes[name].enum == [each.value for each in MODELS[name][1]]


def test_the_events_are_those_of_the_generated_package() -> None:
    assert {event_of(name) for name in DOCUMENT.data["webhooks"]} == EVENTS.keys()
