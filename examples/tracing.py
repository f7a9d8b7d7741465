"""Traces and metrics with OpenTelemetry: `pip install opentelemetry-sdk`, then `python examples/tracing.py`.

`Tracing` and `Metrics` are ready to be copied. What is below them runs a few calls against the sandbox that ships with
the package, over a network that fails at first, and prints what was recorded.
"""

from __future__ import annotations

import asyncio
from time import time_ns
from typing import TYPE_CHECKING

import httpx
from opentelemetry import context, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, NumberDataPoint
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from tiktok_shop_async import Observer, TikTokShop, TikTokShopError
from tiktok_shop_async.sandbox import SandboxServer

if TYPE_CHECKING:
    from contextvars import Token

    from opentelemetry.context import Context
    from opentelemetry.metrics import Meter
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Span, Tracer

    from tiktok_shop_async import AttemptDetails, CallDetails, CallResult

SHOWN = ("tiktok_shop.shop", "tiktok_shop.attempts", "tiktok_shop.outcome", "http.response.status_code", "error.type")


class Tracing(Observer):
    """A span for each call, and one below it for each attempt."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._open: dict[CallDetails, tuple[Span, Token[Context]]] = {}

    def call_started(self, call: CallDetails) -> None:
        """Opens the span, and makes it the current one: what happens during the call belongs below it."""
        names = {"tiktok_shop.operation": call.operation, "tiktok_shop.shop": call.shop}
        span = self._tracer.start_span(call.operation, attributes=names)
        self._open[call] = span, context.attach(trace.set_span_in_context(span))

    def attempt_ended(self, attempt: AttemptDetails) -> None:
        """Adds a span that lies in the past."""
        now = time_ns()
        span = self._tracer.start_span(
            f"{attempt.call.method} {attempt.call.path}",
            kind=SpanKind.CLIENT,
            start_time=now - int(attempt.duration * 1e9),
            attributes={"http.request.method": attempt.call.method, "http.request.resend_count": attempt.attempt - 1},
        )
        self._close(span, attempt, now)

    def call_ended(self, result: CallResult) -> None:
        """Closes the span."""
        span, token = self._open.pop(result.call)
        context.detach(token)
        span.set_attribute("tiktok_shop.attempts", result.attempts)
        span.set_attribute("tiktok_shop.outcome", result.outcome)
        self._close(span, result, time_ns())

    @staticmethod
    def _close(span: Span, details: AttemptDetails | CallResult, now: int) -> None:
        if details.status is not None:
            span.set_attribute("http.response.status_code", details.status)
            span.set_attribute("tiktok_shop.request_id", details.request_id)
        if details.error is not None:  # its class alone: the API's message may quote what was sent
            span.set_attribute("error.type", type(details.error).__name__)
            span.set_status(StatusCode.ERROR)
        span.end(now)


class Metrics(Observer):
    """How long calls take by their outcome, how many are under way, and how often a request is sent again."""

    def __init__(self, meter: Meter) -> None:
        self._duration = meter.create_histogram("tiktok_shop.call.duration", unit="s")
        self._active = meter.create_up_down_counter("tiktok_shop.call.active")
        self._retries = meter.create_counter("tiktok_shop.retries")

    def call_started(self, call: CallDetails) -> None:
        """One more is under way."""
        self._active.add(1, {"operation": call.operation})

    def attempt_ended(self, attempt: AttemptDetails) -> None:
        """Counts it if another one follows."""
        if attempt.wait is not None:
            self._retries.add(1, {"operation": attempt.operation, "error": type(attempt.error).__name__})

    def call_ended(self, result: CallResult) -> None:
        """One less is under way."""
        self._active.add(-1, {"operation": result.operation})
        self._duration.record(result.duration, {"operation": result.operation, "outcome": result.outcome})


class DownAtFirst(httpx.AsyncHTTPTransport):
    """A network that loses the first request."""

    lost = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends it on, unless it is the first."""
        if not self.lost:
            self.lost = True
            raise httpx.ConnectError("no route")
        return await super().handle_async_request(request)


async def main() -> None:
    """Makes three calls, and prints their spans and metrics."""
    # Where they go: in a real program an OTLP exporter and reader.
    spans, metrics = InMemorySpanExporter(), InMemoryMetricReader()
    tracer_provider = TracerProvider()
    tracer_provider.add_span_processor(SimpleSpanProcessor(spans))
    meter_provider = MeterProvider([metrics])
    tracer = tracer_provider.get_tracer("my-service")

    async with (
        SandboxServer(orders=20) as sandbox,
        httpx.AsyncClient(transport=DownAtFirst()) as http_client,
        TikTokShop(
            sandbox.app_key,
            sandbox.app_secret,
            access_token=sandbox.access_token,
            base_url=sandbox.url,
            http_client=http_client,
            observers=[Tracing(tracer), Metrics(meter_provider.get_meter("my-service"))],
        ) as client,
    ):
        with tracer.start_as_current_span("nightly job"):
            shop = await client.shop(sandbox.shop_id)
            await shop.orders.get_order_list(page_size=10)
            try:
                await shop.orders.get_order_detail(ids=["1"])
            except TikTokShopError as error:
                print(f"{type(error).__name__}: {error}\n")

    print_spans(spans.get_finished_spans())
    print_metrics(metrics)
    tracer_provider.shutdown()
    meter_provider.shutdown()


def print_spans(spans: tuple[ReadableSpan, ...], parent: int | None = None, depth: int = 0) -> None:
    """Prints the spans below a parent, in the order they began."""
    for span in sorted(spans, key=lambda each: each.start_time or 0):
        place = span.get_span_context()
        if place is None or (span.parent.span_id if span.parent else None) != parent:
            continue
        values = span.attributes or {}
        shown = {name.rpartition(".")[2]: value for name, value in values.items() if name in SHOWN and value != ""}
        print("  " * depth + span.name, *(f"{name}={value}" for name, value in shown.items()))
        print_spans(spans, place.span_id, depth + 1)


def print_metrics(reader: InMemoryMetricReader) -> None:
    """Prints each number with what it is about."""
    data = reader.get_metrics_data()
    for metric in data.resource_metrics[0].scope_metrics[0].metrics if data else []:
        print(f"\n{metric.name}")
        for point in metric.data.data_points:
            about = " ".join(f"{name}={value!s}" for name, value in (point.attributes or {}).items())
            print(f"  {about}:", point.value if isinstance(point, NumberDataPoint) else f"{point.count} measured")


if __name__ == "__main__":
    asyncio.run(main())
