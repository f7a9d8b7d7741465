"""What each endpoint does, one module a domain. A function enters itself with `registry.serves`."""

from __future__ import annotations

from importlib import import_module

DOMAINS = (
    "shops",
    "orders",
    "price_detail",
    "external_orders",
    "products",
    "listing",
    "stock",
    "global_products",
    "global_publishing",
    "replication",
    "compliance",
    "catalogue",
    "category_rules",
    "listing_quality",
    "listing_checks",
    "uploads",
    "fulfillment",
    "grouping",
    "packing",
    "handover",
    "tracking",
    "proof_of_delivery",
    "first_mile",
    "invoices",
    "logistics",
    "aftersale_terms",
    "cancellations",
    "returns",
    "aftersale_revisions",
    "finance",
    "finance_202309",
    "unsettled",
)


def load() -> None:
    """Imports every domain, so that its endpoints are entered."""
    for domain in DOMAINS:
        import_module(f"{__name__}.{domain}")
