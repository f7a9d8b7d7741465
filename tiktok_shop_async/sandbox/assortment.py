"""What the seeded shops sell, who buys it, and where they live. All of it is made up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Article:
    """A product to be: its category, brand, price and the choices that make its variants."""

    title: str
    category_id: str
    brand_id: str
    price: Decimal
    choice: str
    options: tuple[str, ...]


def _article(title: str, category: str, brand: int, price: str, choice: str, *options: str) -> Article:
    return Article(title, category, f"731120000000000000{brand}", Decimal(price), choice, options)


ARTICLES = (
    _article("Stoneware mug with a thumb rest", "810101", 1, "14.90", "Color", "Oat", "Moss", "Slate"),
    _article("Espresso cup pair, hand glazed", "810101", 1, "22.50", "Color", "Chalk", "Ink"),
    _article("Camping cup in speckled enamel", "810101", 3, "11.25", "Color", "Cream", "Pine", "Brick", "Night"),
    _article("Insulated flask that fits a bike cage", "810102", 2, "27.00", "Capacity", "500 ml", "750 ml"),
    _article("Glass carafe with a cork stopper", "810102", 2, "31.40", "Capacity", "800 ml", "1.2 l"),
    _article("Lunch soup jar with folding spoon", "810102", 2, "24.75", "Color", "Sand", "Sea"),
    _article("Beechwood spatula set", "810200", 3, "18.20", "Pieces", "3", "5"),
    _article("Pepper mill with a ceramic burr", "810200", 3, "36.00", "Finish", "Walnut", "Ash", "Black"),
    _article("Cast iron skillet, preseasoned", "810200", 3, "42.80", "Diameter", "20 cm", "26 cm", "30 cm"),
    _article("Silicone lids for odd bowls", "810200", 1, "16.60", "Pieces", "6", "12"),
    _article("Citrus press that keeps the pips", "810200", 1, "13.45", "Color", "Lemon", "Steel"),
    _article("Desk lamp with a linen shade", "820100", 1, "58.00", "Shade", "Natural", "Rust"),
    _article("Rechargeable candle for windy tables", "820100", 2, "19.99", "Glow", "Warm", "Amber"),
    _article("Clip light for readers", "820100", 2, "12.30", "Color", "White", "Graphite", "Mint"),
    _article("Waffle towel from organic cotton", "820200", 3, "21.10", "Size", "50 x 90", "70 x 140"),
    _article("Herringbone wool throw", "820200", 3, "74.50", "Color", "Heather", "Peat", "Rowan"),
    _article("Linen napkins, set of four", "820200", 1, "33.35", "Color", "Flax", "Fern", "Plum"),
    _article("Oven gloves with long cuffs", "820200", 1, "17.85", "Color", "Stripe", "Check"),
    _article("Dotted notebook that lies flat", "830000", 4, "9.80", "Color", "Grey", "Teal", "Ochre"),
    _article("Brass pencil extender", "830000", 4, "15.15", "Length", "Short", "Long"),
    _article("Letterpress calendar without years", "830000", 4, "23.60", "Language", "English", "Spanish"),
    _article("Gift wrap of seed paper", "830000", 4, "8.40", "Pattern", "Meadow", "Dots"),
)

FIRST_NAMES = (
    "Avery",
    "Bianca",
    "Caleb",
    "Delia",
    "Edwin",
    "Farah",
    "Gideon",
    "Hattie",
    "Ivo",
    "Juno",
    "Kiran",
    "Lena",
)
LAST_NAMES = ("Abbott", "Brandt", "Castell", "Dunmore", "Ellery", "Fenwick", "Garrow", "Hollis", "Imrie", "Jessop")
STREETS = ("Alder Lane", "Birch Row", "Canal Street", "Dial House Road", "Elm Terrace", "Fallow Way", "Gable Court")
MESSAGES = ("", "", "", "", "", "Please leave it with the neighbour.", "A birthday present, no invoice please.")

US_TOWNS = (
    ("Fairmead", "Ohio", "43999"),
    ("Harlow Springs", "Oregon", "97999"),
    ("New Tilby", "Vermont", "05999"),
    ("Cedar Notch", "Colorado", "80999"),
    ("Port Marlin", "Maine", "04999"),
)
GB_TOWNS = (
    ("Netherwick", "England", "ZZ1 4AB"),
    ("Glen Orrin", "Scotland", "ZZ7 2CD"),
    ("Pont Arlais", "Wales", "ZZ9 5EF"),
)

CANCEL_REASONS = (
    "ecom_order_to_ship_canceled_reason_ordered_by_mistake",
    "ecom_order_to_ship_canceled_reason_found_it_cheaper",
)
RETURN_REASONS = (
    "ecom_order_delivered_refund_reason_arrived_damaged",
    "ecom_order_delivered_refund_reason_not_as_described",
    "ecom_order_delivered_refund_reason_no_longer_needed",
)
