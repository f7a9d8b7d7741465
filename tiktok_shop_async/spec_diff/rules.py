"""The catalogue: every kind of change that is told, with its stable id, its severity and what it is.

Ids never change their meaning. A change in a request and the same change in an answer are two rules, because what
breaks the one is harmless in the other: requests are closed (what is sent has to be understood), answers are open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["LIMITS", "RULES", "Rule"]

Level: TypeAlias = Literal["breaking", "risky", "safe"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of change."""

    id: str
    severity: Level
    says: str


LIMITS: Mapping[str, tuple[str, str]] = {
    "minimum": ("minimum", "up"),
    "exclusiveMinimum": ("exclusive-minimum", "up"),
    "minLength": ("min-length", "up"),
    "minItems": ("min-items", "up"),
    "minProperties": ("min-properties", "up"),
    "maximum": ("maximum", "down"),
    "exclusiveMaximum": ("exclusive-maximum", "down"),
    "maxLength": ("max-length", "down"),
    "maxItems": ("max-items", "down"),
    "maxProperties": ("max-properties", "down"),
    "x-max-bytes": ("max-bytes", "down"),
    "multipleOf": ("multiple-of", "set"),
    "uniqueItems": ("unique-items", "set"),
}
"""Keywords that bound a value, with the name that rules call them by, and which way is stricter."""

_OPERATIONS: Mapping[str, tuple[Level, str]] = {
    "operation-added": ("safe", "there is a new operation"),
    "operation-removed": ("breaking", "an operation is gone"),
    "retired-operation-removed": ("risky", "an operation is gone that the API refused already"),
    "preview-operation-removed": ("risky", "a preview is gone that never became part of the API"),
    "operation-moved": ("breaking", "an operation of the same name has another method or path"),
    "operation-deprecated": ("safe", "an operation still works and is to be replaced"),
    "operation-reinstated": ("safe", "an operation is no longer deprecated or retired"),
    "operation-retired": ("breaking", "the API refuses an operation from now on"),
    "operation-left-preview": ("safe", "a preview has become part of the API"),
    "operation-became-preview": ("risky", "an operation is marked as one that may still change"),
    "operation-successor-changed": ("safe", "another operation is named as the successor"),
    "method-added": ("safe", "an operation has one more name"),
    "method-removed": ("breaking", "an operation has lost one of its names"),
    "method-renamed": ("breaking", "an operation is called by another name"),
    "method-means-another-operation": ("breaking", "a name calls another operation or revision than before"),
    "token-kind-changed": ("breaking", "an operation takes the token of another kind of account"),
    "scopes-required": ("breaking", "the token needs more scopes than before"),
    "scopes-no-longer-required": ("safe", "the token needs fewer scopes than before"),
    "scopes-documented": ("safe", "it is known now which scopes the token needs"),
    "identifier-required": ("breaking", "an operation insists on a cipher"),
    "identifier-became-optional": ("safe", "an operation no longer insists on a cipher"),
    "identifier-added": ("safe", "an operation can be told a cipher"),
    "identifier-removed": ("risky", "an operation takes a cipher no more"),
    "safety-weakened": ("risky", "repeating a call may do something twice, so that it is retried less"),
    "safety-strengthened": ("safe", "repeating a call does no harm, so that it is retried more"),
    "idempotency-key-added": ("safe", "a key makes repeating a call harmless"),
    "idempotency-key-removed": ("risky", "no key makes repeating a call harmless any more"),
    "idempotency-key-changed": ("risky", "another field is the key that makes repeating a call harmless"),
    "pagination-added": ("breaking", "an answer has become a page of a list"),
    "pagination-removed": ("breaking", "a list has no pages any more"),
    "pagination-rows-changed": ("breaking", "another list of the answer is the one that is paged"),
    "pagination-key-changed": ("risky", "another field identifies the rows"),
    "pagination-style-changed": ("breaking", "pages follow each other in another way"),
    "pagination-position-changed": ("risky", "the position travels in another place"),
    "pagination-total-changed": ("safe", "the number of all rows stands in another place"),
    "window-added": ("safe", "a list can be cut by one more time"),
    "window-removed": ("risky", "a list can be cut by one time less"),
    "window-changed": ("risky", "the ends of a time filter mean something else"),
    "partial-errors-added": ("risky", "an answer of success can list items that failed, which raises"),
    "partial-errors-removed": ("risky", "an answer of success lists no failed items any more"),
    "partial-errors-changed": ("risky", "the failed items are listed in another place"),
    "error-code-added": ("safe", "an error code is documented"),
    "error-code-removed": ("safe", "an error code is no longer documented"),
    "markets-narrowed": ("risky", "an operation serves fewer sellers or markets"),
    "markets-widened": ("safe", "an operation serves more sellers or markets"),
    "markets-changed": ("risky", "an operation serves other sellers or markets"),
    "account-kind-added": ("safe", "one more kind of account has a resource"),
    "account-kind-removed": ("breaking", "one kind of account has a resource no more"),
    "security-added": ("breaking", "a call has to prove more than before"),
    "security-removed": ("safe", "a call has to prove less than before"),
    "security-changed": ("breaking", "a call has to prove something else"),
    "security-scheme-changed": ("breaking", "what a call has to prove is proved in another way"),
    "server-added": ("safe", "there is one more address of the API"),
    "server-removed": ("breaking", "an address of the API is gone"),
}

_BODIES: Mapping[str, tuple[Level, str]] = {
    "request-body-became-required": ("breaking", "a request needs a body"),
    "request-body-became-optional": ("safe", "a request needs no body"),
    "request-media-type-added": ("safe", "a body can be sent in one more form"),
    "request-media-type-removed": ("breaking", "a body can no longer be sent in one form"),
    "parameter-moved": ("breaking", "an argument travels in another place"),
    "parameter-style-changed": ("breaking", "an argument is written in another way"),
    "answer-status-added": ("safe", "there is an answer of one more status"),
    "answer-success-status-removed": ("breaking", "a successful answer is gone"),
    "answer-error-status-removed": ("safe", "a status of failures is gone"),
    "answer-media-type-added": ("safe", "an answer can come in one more form"),
    "answer-media-type-removed": ("breaking", "an answer no longer comes in one form"),
    "answer-header-added": ("safe", "an answer has one more header"),
    "answer-header-removed": ("risky", "an answer has lost a header"),
    "answer-envelope-changed": ("breaking", "an answer wraps what it has to say, or does so no more"),
    "answer-data-added": ("risky", "an answer that said nothing carries data"),
    "answer-data-removed": ("breaking", "an answer carries no data any more"),
}

_FIELDS: Mapping[str, tuple[Level, str]] = {
    "required-request-field-added": ("breaking", "a request has to carry something new"),
    "request-field-added": ("safe", "a request can carry something new"),
    "request-field-removed": ("breaking", "a request can no longer carry something"),
    "request-field-renamed": ("breaking", "something in a request has another name"),
    "request-field-became-required": ("breaking", "a request has to carry what it could leave out"),
    "request-field-became-optional": ("safe", "a request can leave out what it had to carry"),
    "request-field-with-default-became-required": ("safe", "a request has to carry what has a default, and is sent"),
    "answer-field-added": ("safe", "an answer can carry something new"),
    "answer-field-removed": ("breaking", "an answer no longer carries something"),
    "answer-field-renamed": ("breaking", "something in an answer has another name"),
    "answer-field-became-required": ("safe", "an answer always carries something"),
    "answer-field-became-optional": ("risky", "an answer may leave something out"),
    "request-type-changed": ("breaking", "a value in a request is of another type"),
    "request-type-widened": ("safe", "a value in a request may be of more types"),
    "answer-type-changed": ("breaking", "a value in an answer is of another type"),
    "answer-type-widened": ("risky", "a value in an answer may be of more types"),
    "answer-type-narrowed": ("safe", "a value in an answer is of fewer types"),
    "request-became-nullable": ("safe", "a value in a request may be null"),
    "request-became-not-nullable": ("breaking", "a value in a request may not be null"),
    "answer-became-nullable": ("risky", "a value in an answer may be null"),
    "answer-became-not-nullable": ("safe", "a value in an answer is never null"),
    "request-enum-value-added": ("safe", "a request can carry one more value"),
    "request-enum-value-removed": ("breaking", "a request can no longer carry one of the values"),
    "request-enum-added": ("risky", "the values of a request are limited to some"),
    "request-enum-removed": ("safe", "the values of a request are no longer limited to some"),
    "answer-enum-value-added": ("safe", "an answer can carry one more value, and was declared open to that"),
    "answer-closed-enum-value-added": ("risky", "an answer can carry a value that was ruled out"),
    "answer-enum-value-removed": ("breaking", "a known value of an answer is gone, and so is its constant"),
    "answer-enum-added": ("safe", "the values of an answer are known"),
    "answer-enum-removed": ("risky", "the values of an answer are known no more"),
    "answer-enum-opened": ("risky", "an answer may carry values that are not known"),
    "answer-enum-closed": ("safe", "an answer carries known values alone"),
    "request-format-changed": ("breaking", "a value in a request is written in another way or unit"),
    "request-format-added": ("risky", "a value in a request has to be written in one way"),
    "request-format-removed": ("safe", "a value in a request may be written in any way"),
    "answer-format-changed": ("breaking", "a value in an answer is written in another way or unit"),
    "answer-format-added": ("safe", "it is known how a value in an answer is written"),
    "answer-format-removed": ("risky", "it is not known any more how a value in an answer is written"),
    "request-pattern-added": ("breaking", "text in a request has to match a pattern"),
    "request-pattern-changed": ("risky", "text in a request has to match another pattern"),
    "request-pattern-removed": ("safe", "text in a request may be any"),
    "answer-pattern-added": ("safe", "text in an answer matches a pattern"),
    "answer-pattern-changed": ("risky", "text in an answer matches another pattern"),
    "answer-pattern-removed": ("risky", "text in an answer may be any"),
    "request-default-added": ("safe", "what is not sent has a default"),
    "request-default-changed": ("risky", "what is not sent has another default"),
    "request-default-removed": ("risky", "what is not sent has no default any more"),
    "required-request-default-removed": ("breaking", "what had a default has to be given"),
    "answer-default-changed": ("safe", "what an answer leaves out stands for another value"),
    "request-additional-fields-forbidden": ("breaking", "a request may carry nothing but what is named"),
    "request-additional-fields-allowed": ("safe", "a request may carry more than what is named"),
    "request-additional-fields-changed": ("risky", "what a request may carry besides is of another type"),
    "answer-additional-fields-forbidden": ("safe", "an answer carries nothing but what is named"),
    "answer-additional-fields-allowed": ("safe", "an answer may carry more than what is named"),
    "answer-additional-fields-changed": ("risky", "what an answer carries besides is of another type"),
    "request-constraint-changed": ("risky", "a value in a request is bound in another way"),
    "answer-constraint-changed": ("risky", "a value in an answer is bound in another way"),
    "request-variant-added": ("safe", "a request may have one more shape"),
    "request-variant-removed": ("breaking", "a request may no longer have one of its shapes"),
    "answer-variant-added": ("risky", "an answer may have one more shape"),
    "answer-variant-removed": ("safe", "an answer no longer has one of its shapes"),
    "request-discriminator-changed": ("breaking", "the shapes of a request are told apart in another way"),
    "answer-discriminator-changed": ("breaking", "the shapes of an answer are told apart in another way"),
    "request-field-deprecated": ("safe", "something in a request is to be left out in future"),
    "request-field-reinstated": ("safe", "something in a request is no longer deprecated"),
    "answer-field-deprecated": ("safe", "something in an answer is not to be relied on in future"),
    "answer-field-reinstated": ("safe", "something in an answer is no longer deprecated"),
    "preview-request-field-removed": ("risky", "a preview is gone that never became part of a request"),
    "preview-answer-field-removed": ("risky", "a preview is gone that never became part of an answer"),
    "request-field-became-preview": ("risky", "something in a request is marked as what may still change"),
    "answer-field-became-preview": ("risky", "something in an answer is marked as what may still change"),
    "request-field-left-preview": ("safe", "what was a preview has become part of a request"),
    "answer-field-left-preview": ("safe", "what was a preview has become part of an answer"),
    "request-field-markets-changed": ("risky", "something in a request is for other sellers or markets"),
    "answer-field-markets-changed": ("risky", "something in an answer comes for other sellers or markets"),
}

_PYTHON: Mapping[str, tuple[Level, str]] = {
    "class-added": ("safe", "there is a new class"),
    "class-removed": ("breaking", "a class is gone"),
    "preview-class-removed": ("risky", "a class is gone that previews alone had"),
    "class-renamed": ("breaking", "a class has another name, and the same shape or one that followed from it"),
    "enum-class-changed": ("safe", "the known values of a field stand in another class; the field is text as before"),
    "class-moved": ("risky", "a class stands in another module"),
    "input-class-changed": ("breaking", "a request takes another class than before"),
    "answer-class-changed": ("breaking", "an answer is read into another class than before"),
}

_WEBHOOKS: Mapping[str, tuple[Level, str]] = {
    "webhook-added": ("safe", "there is one more type of notification"),
    "webhook-removed": ("breaking", "a type of notification is gone"),
    "preview-webhook-removed": ("risky", "a notification is gone that was never more than a preview"),
    "webhook-renamed": ("breaking", "a type of notification has another name"),
    "webhook-type-changed": ("breaking", "a notification has another number"),
    "webhook-became-preview": ("risky", "a notification is marked as one that may still change"),
    "webhook-left-preview": ("safe", "a notification that was a preview has become part of the API"),
    "webhook-object-changed": ("risky", "another field of a notification names what it is about"),
}


def _limits() -> Iterator[tuple[str, tuple[Level, str]]]:
    for keyword, (name, _) in LIMITS.items():
        yield f"request-{name}-tightened", ("breaking", f"`{keyword}` allows less in a request")
        yield f"request-{name}-relaxed", ("safe", f"`{keyword}` allows more in a request")
        yield f"answer-{name}-tightened", ("safe", f"`{keyword}` holds an answer to less")
        yield f"answer-{name}-relaxed", ("risky", f"`{keyword}` lets an answer hold more")


RULES: Mapping[str, Rule] = {
    name: Rule(name, level, says)
    for name, (level, says) in [
        *_OPERATIONS.items(),
        *_BODIES.items(),
        *_FIELDS.items(),
        *_limits(),
        *_PYTHON.items(),
        *_WEBHOOKS.items(),
    ]
}
"""By id."""
