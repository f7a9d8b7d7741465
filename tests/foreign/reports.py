"""Runs a client's script against a sandbox of its own, and reads the report that it prints."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tests.foreign.install import MADE
from tests.foreign.least import least_requests
from tests.foreign.tampering import tampering_proxy
from tiktok_shop_async.sandbox import Sandbox, SandboxServer
from tiktok_shop_async.sandbox.made_up.picture import plain_png

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tiktok_shop_async.sandbox.state.rows import ReturnRequest
    from tiktok_shop_async.sandbox.world import Shop

ORDERS = 1000
TIMEOUT = 120

_UNWANTED = re.compile("proxy|^PYTHON", re.IGNORECASE)
"""Variables that have no say here: the sandbox is on this machine, and compiled modules may be kept."""


@dataclass(frozen=True)
class Report:
    """What a script reported, step by step, and the shop that it was about, as it is afterwards.

    A step that succeeded has `code` 0 and the `data` of the answer, as the client parsed it; one that failed has the
    `code` and `message` of the client's own error. A step that the client failed at by itself has the code -1. `log` is
    what the sandbox said meanwhile.
    """

    steps: dict[str, dict[str, Any]]
    facts: dict[str, Any]
    shop: Shop
    log: str

    def data(self, step: str) -> dict[str, Any]:
        """The data of a step, which has to have succeeded."""
        assert self.steps[step]["code"] == 0, self.steps[step]
        data: dict[str, Any] = self.steps[step]["data"]
        return data

    def codes(self, prefix: str = "") -> dict[str, int]:
        """The codes of the steps whose names begin so."""
        return {name: step["code"] for name, step in self.steps.items() if name.startswith(prefix)}


def run(*command: str | Path) -> Report:
    """Runs a script. It finds the sandbox in its environment, and what it has to know in a file."""
    with (
        _listening() as log,
        TemporaryDirectory() as folder,
        SandboxServer(seed=3, orders=ORDERS) as sandbox,
        tampering_proxy(sandbox.url) as tampered,
    ):
        sandbox.world.audit_time = 0
        picture, told = Path(folder, "lamp.png"), Path(folder, "facts.json")
        picture.write_bytes(plain_png(400, 400, (220, 210, 190)))
        facts = {
            **_facts(sandbox.shop),
            "return_id": _asked_for(sandbox).id,
            "auth_code": sandbox.authorize(),
            "asian_cipher": next(shop.cipher for shop in sandbox.world.shops if shop.region == "ID"),
            "partner_token": sandbox.issue_token("partner"),
            "requests": least_requests(),
        }
        told.write_text(json.dumps(facts))
        environment = {
            **{name: value for name, value in os.environ.items() if not _UNWANTED.search(name)},
            **sandbox.environment,
            "PACKAGES": str(MADE / "node"),
            "TAMPERED_URL": tampered,
            "FACTS_FILE": str(told),
            "PICTURE_FILE": str(picture),
        }
        done = subprocess.run(  # noqa: S603
            [str(part) for part in command],
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return Report(json.loads(done.stdout), facts, sandbox.shop, log.getvalue())


@contextmanager
def _listening() -> Iterator[StringIO]:
    log = StringIO()
    handler = logging.StreamHandler(log)
    logger = logging.getLogger("tiktok_shop_async.sandbox")
    logger.addHandler(handler)
    try:
        yield log
    finally:
        logger.removeHandler(handler)


def _asked_for(sandbox: Sandbox) -> ReturnRequest:
    """A return to decide upon: how many there are by themselves depends on the time of day."""
    returned = {row.order_id for row in sandbox.shop.returns}
    delivered = (row for row in sandbox.shop.orders if row.status == "DELIVERED" and row.id not in returned)
    return sandbox.request_return(next(delivered).id)


def _facts(shop: Shop) -> dict[str, Any]:
    """Ids that a seller would have from notifications: of what there is to decide, to ship and to look up."""
    waiting = [
        order
        for order in shop.orders
        if order.status == "AWAITING_SHIPMENT" and order.shipping_type == "TIKTOK" and order.cancel_request_time is None
    ]
    return {
        "cancel_id": next(row.id for row in shop.cancellations if row.status == "CANCELLATION_REQUEST_PENDING"),
        "order_ids": [order.id for order in waiting[:2]],
        "package_id": waiting[0].lines[0].package_id,
        "completed_order_id": next(order.id for order in shop.orders if order.status == "COMPLETED"),
        "product_id": next(product.id for product in shop.products if product.status == "ACTIVATE"),
        "warehouse_id": shop.sales_warehouse.id,
    }
