"""Which function answers which endpoint. The modules under `behaviour` enter theirs with `serves`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from tiktok_shop_async.sandbox.call import Call
from tiktok_shop_async.sandbox.made_up.invention import invent

if TYPE_CHECKING:
    from tiktok_shop_async.sandbox.spec import Operation

Data: TypeAlias = dict[str, Any]
Behaviour: TypeAlias = Callable[[Call], Data]

_BEHAVIOURS: dict[tuple[str, str], Behaviour] = {}


def serves(method: str, *paths: str) -> Callable[[Behaviour], Behaviour]:
    """Enters a function as the behaviour of an endpoint, under every revision's path that it answers alike."""

    def enter(behaviour: Behaviour) -> Behaviour:
        for path in paths:
            _BEHAVIOURS[method, path] = behaviour
        return behaviour

    return enter


def served() -> frozenset[tuple[str, str]]:
    """Method and path of every endpoint that has a behaviour of its own."""
    return frozenset(_BEHAVIOURS)


def behaviour_of(operation: Operation) -> Behaviour:
    """The function that answers an operation: its own, or the one that makes answers up."""
    return _BEHAVIOURS.get((operation.method, operation.path), invent)
