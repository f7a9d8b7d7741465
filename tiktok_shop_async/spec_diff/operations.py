"""Compares two operations: what they demand, where they serve, and how they may be called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tiktok_shop_async.spec_diff.markets import in_words, served
from tiktok_shop_async.spec_diff.messages import Messages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tiktok_shop_async.spec_diff.document import Document, Operation
    from tiktok_shop_async.spec_diff.findings import Findings
    from tiktok_shop_async.spec_diff.schemas import Schemas

__all__ = ["Operations"]

_STANDING = ("preview", "stable", "deprecated", "retired")
_CIPHERS = ("shop_cipher", "category_asset_cipher")
_SAFETIES = ("unsafe", "idempotent", "read")


class Operations:
    """Compares operations of an older document with those of a newer one."""

    def __init__(self, base: Document, revision: Document, schemas: Schemas, findings: Findings) -> None:
        self._base = base
        self._revision = revision
        self._findings = findings
        self._messages = Messages(base, revision, schemas, findings)

    def compare(self, base: Operation, revision: Operation) -> None:
        """Tell how two operations differ."""
        self._standing(base, revision)
        self._access(base, revision)
        self._repeating(base, revision)
        self._paging(base, revision)
        self._windows(base, revision)
        self._failures(base, revision)
        self._markets(base, revision)
        self._messages.compare(base, revision)

    def _say(
        self, rule: str, revision: Operation, text: str, *, python: str = "", base: Any = None, now: Any = None
    ) -> None:
        self._findings.report(
            rule,
            revision.node.pointer,
            revision.called,
            wire=text,
            python=(python or text) if revision.id else "",
            names=revision.callables,
            base=base,
            revision=now,
        )

    def _standing(self, base: Operation, revision: Operation) -> None:
        before, after = _standing(base), _standing(revision)
        name = f"`{revision.called}`"
        if before != after:
            successor = revision.data.get("x-successor")
            instead = f"; use `{revision.named(successor)}()`" if successor else ""
            if after == "deprecated":
                self._say("operation-deprecated", revision, f"{name} is deprecated{instead}")
            elif after == "retired":
                self._say("operation-retired", revision, f"{name} is refused by the API{instead}")
            elif after == "preview":
                self._say("operation-became-preview", revision, f"{name} is a preview, and may still change")
            elif before == "preview":
                self._say("operation-left-preview", revision, f"{name} is no longer a preview")
            else:
                self._say("operation-reinstated", revision, f"{name} is no longer {before}")
        successors = base.data.get("x-successor"), revision.data.get("x-successor")
        if successors[0] != successors[1] and before == after:
            text = f"the successor of {name} is {_quoted(successors[1])}, and was {_quoted(successors[0])}"
            self._say("operation-successor-changed", revision, text, base=successors[0], now=successors[1])

    def _access(self, base: Operation, revision: Operation) -> None:
        name = f"`{revision.called}`"
        before, after = base.data.get("x-token", "seller"), revision.data.get("x-token", "seller")
        if before != after:
            text = f"{name} takes the token of a {after}, and took that of a {before}"
            self._say("token-kind-changed", revision, text, base=before, now=after)
        old, new = _scopes(self._base, base), _scopes(self._revision, revision)
        # Which scopes an operation needs, its own key does not always know: to learn it is no change.
        rule = "scopes-required" if old or "x-scopes" not in revision.data else "scopes-documented"
        if more := sorted(new - old):
            self._say(rule, revision, f"{name} needs the {_named('scope', more)}", now=more)
        if fewer := sorted(old - new):
            self._say(
                "scopes-no-longer-required",
                revision,
                f"{name} no longer needs the {_named('scope', fewer)}",
                base=fewer,
            )
        needs = base.data.get("x-identifiers", {}), revision.data.get("x-identifiers", {})
        for cipher in _CIPHERS:
            was, now = needs[0].get(cipher), needs[1].get(cipher)
            if was == now:
                continue
            rule, text = {
                "required": ("identifier-required", f"{name} needs a `{cipher}`"),
                "optional": ("identifier-added", f"{name} can be told a `{cipher}`"),
                None: ("identifier-removed", f"{name} takes no `{cipher}` any more"),
            }[now]
            if was == "required" and now == "optional":
                rule, text = "identifier-became-optional", f"{name} no longer needs a `{cipher}`"
            self._say(rule, revision, text, base=was, now=now)
        old, new = _proofs(self._base, base), _proofs(self._revision, revision)
        if old != new:
            # The entries are alternatives: one more of them takes nothing away, but the first one does.
            rule = "security-changed"
            if not old or (new and new < old):
                rule = "security-added"
            elif not new or old < new:
                rule = "security-removed"
            text = f"calls of {name} prove {_any_of(new)}, and proved {_any_of(old)}"
            self._say(rule, revision, text, base=sorted(old), now=sorted(new))

    def _repeating(self, base: Operation, revision: Operation) -> None:
        name = f"`{revision.called}`"
        before, after = base.data.get("x-safety"), revision.data.get("x-safety")
        if before in _SAFETIES and after in _SAFETIES and before != after:
            weaker = _SAFETIES.index(after) < _SAFETIES.index(before)
            text = (
                f"{name} counts as `{after}`, and counted as `{before}`: it is retried {'less' if weaker else 'more'}"
            )
            self._say(f"safety-{'weakened' if weaker else 'strengthened'}", revision, text, base=before, now=after)
        old, new = base.data.get("x-idempotency-key"), revision.data.get("x-idempotency-key")
        if old != new:
            rule = f"idempotency-key-{'added' if old is None else 'removed' if new is None else 'changed'}"
            if new is None:
                text = f"`{old}` no longer makes it harmless to repeat {name}"
            else:
                was = f", and before `{old}`" if old is not None else ""
                text = f"`{new}` makes it harmless to repeat {name}{was}"
            self._say(rule, revision, text, base=old, now=new)

    def _paging(self, base: Operation, revision: Operation) -> None:
        before, after = _paging(base), _paging(revision)
        name = f"`{revision.called}`"
        if not before or not after:
            if after:
                text = f"{name} returns a pager, and returned the answer itself"
                self._say("pagination-added", revision, f"the answer of {name} is a page", python=text)
            elif before:
                text = f"{name} returns the answer itself, and returned a pager"
                self._say("pagination-removed", revision, f"the answer of {name} has no pages", python=text)
            return
        for key, rule, what in (
            ("items", "rows", "the list that is paged in {}"),
            ("key", "key", "the field that identifies the rows of {}"),
            ("style", "style", "the way from page to page of {}"),
            ("total", "total", "the number of all rows of {}"),
        ):
            if before.get(key) != after.get(key):
                values = _quoted(after.get(key)), _quoted(before.get(key))
                text = f"{what.format(name)} is {values[0]}, and was {values[1]}"
                self._say(f"pagination-{rule}-changed", revision, text, base=before.get(key), now=after.get(key))
        places = [{key: each.get(key) for key in ("token", "next-token", "page-number")} for each in (before, after)]
        if places[0] != places[1] and before.get("style") == after.get("style"):
            text = f"the position in the pages of {name} travels in another place"
            self._say("pagination-position-changed", revision, text, base=places[0], now=places[1])

    def _windows(self, base: Operation, revision: Operation) -> None:
        before, after = base.data.get("x-window", {}), revision.data.get("x-window", {})
        name = f"`{revision.called}`"
        for time in sorted(before.keys() | after.keys()):
            if time not in before:
                self._say("window-added", revision, f"{name} can be cut by `{time}`")
            elif time not in after:
                self._say("window-removed", revision, f"{name} can no longer be cut by `{time}`")
            elif any(before[time].get(key) != after[time].get(key) for key in ("from", "until", "inclusive")):
                text = f"the ends of `{time}` in {name} mean something else"
                self._say("window-changed", revision, text, base=before[time], now=after[time])

    def _failures(self, base: Operation, revision: Operation) -> None:
        name = f"`{revision.called}`"
        before, after = base.data.get("x-partial-errors"), revision.data.get("x-partial-errors")
        if before != after:
            if before is None:
                text = f"answers of success of {name} can list items that failed"
                python = f"{name} raises `PartialFailureError` where items failed"
                self._say("partial-errors-added", revision, text, python=python, now=after)
            elif after is None:
                text = f"answers of success of {name} no longer list items that failed"
                python = f"{name} never raises `PartialFailureError`"
                self._say("partial-errors-removed", revision, text, python=python, base=before)
            else:
                text = f"{name} lists the items that failed in another place"
                self._say("partial-errors-changed", revision, text, base=before, now=after)
        old, new = (set(each.data.get("x-error-codes", ())) for each in (base, revision))
        if more := sorted(new - old):
            text = f"{name} can fail with the {_named('code', more)}"
            self._say("error-code-added", revision, text, now=more)
        if fewer := sorted(old - new):
            text = f"{name} is no longer documented to fail with the {_named('code', fewer)}"
            self._say("error-code-removed", revision, text, base=fewer)

    def _markets(self, base: Operation, revision: Operation) -> None:
        before, after = base.data.get("x-markets", "all"), revision.data.get("x-markets", "all")
        old, new = served(before), served(after)
        if old == new:
            return
        rule = "changed"
        if new == "all" or (old != "all" and old < new):
            rule = "widened"
        elif old == "all" or new < old:
            rule = "narrowed"
        text = f"`{revision.called}` serves {in_words(after)}, and served {in_words(before)}"
        self._say(f"markets-{rule}", revision, text, base=before, now=after)


def _standing(operation: Operation) -> str:
    status = operation.data.get("x-status")
    if status in _STANDING:
        return str(status)
    return "deprecated" if operation.data.get("deprecated") is True else "stable"


def _paging(operation: Operation) -> Mapping[str, Any]:
    """How a list is paged; a list without a way to the next page is none."""
    paging: Mapping[str, Any] = operation.data.get("x-pagination", {})
    return {} if paging.get("style") == "none" else paging


def _proofs(document: Document, operation: Operation) -> set[str]:
    """What a call has to prove, as alternatives; none where it need not prove anything."""
    given = _security(document, operation)
    if {} in given:
        return set()
    return {" and ".join(f"`{name}`" for name in sorted(alternative)) for alternative in given}


def _scopes(document: Document, operation: Operation) -> set[str]:
    """The scopes that the token needs, wherever the document names them."""
    named = {
        scope for alternative in _security(document, operation) for scopes in alternative.values() for scope in scopes
    }
    return named.union(operation.data.get("x-scopes", ()))


def _security(document: Document, operation: Operation) -> list[dict[str, list[str]]]:
    """What the operation says that a call has to prove, or else the whole document."""
    return (operation.data if "security" in operation.data else document.data).get("security") or []


def _any_of(proofs: set[str]) -> str:
    return " or ".join(sorted(proofs)) or "nothing"


def _named(what: str, values: Sequence[Any]) -> str:
    return f"{what}{'s' if len(values) > 1 else ''} {_quoted(*values)}"


def _quoted(*values: Any) -> str:
    return ", ".join("none" if value is None else f"`{value}`" for value in values)
