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

TOWNS = {
    "US": (
        ("Fairmead", "Ohio", "43999"),
        ("Harlow Springs", "Oregon", "97999"),
        ("New Tilby", "Vermont", "05999"),
        ("Cedar Notch", "Colorado", "80999"),
        ("Port Marlin", "Maine", "04999"),
    ),
    "GB": (
        ("Netherwick", "England", "ZZ1 4AB"),
        ("Glen Orrin", "Scotland", "ZZ7 2CD"),
        ("Pont Arlais", "Wales", "ZZ9 5EF"),
    ),
    "DE": (("Lindenau am Wehr", "Hessen", "00991"), ("Altmoor", "Bremen", "00992")),
    "ID": (("Tanjung Melur", "Jawa Barat", "09991"), ("Kali Senja", "Bali", "09992")),
    "TH": (("Ban Khlong Mai", "Chiang Mai", "09994"), ("Nong Saeng Dao", "Phuket", "09995")),
    "BR": (("Porto da Serra", "Bahia", "00998-010"), ("Vila Aroeira", "Goiás", "00998-020")),
}
"""Where buyers live: town, state, postal code."""

DIALLING_CODES = {"US": 1, "GB": 44, "DE": 49, "ID": 62, "TH": 66, "BR": 55}

PRICE_LEVELS = {"IDR": Decimal(15_000), "THB": Decimal(35), "BRL": Decimal(5)}
"""How many times the number on a price tag is what it is in dollars, where that is not about the same."""


@dataclass(frozen=True, slots=True)
class Premises:
    """A shop to be, with its warehouse for sales and the one for returns: name, street, state, postal code."""

    name: str
    region: str
    seller_type: str
    prefix: str
    currency: str
    tax_rate: Decimal
    warehouses: tuple[tuple[str, str, str, str], ...]


FLAGSHIPS = (
    Premises(
        "Larkfield Home", "US", "LOCAL", "TTP_", "USD", Decimal("0.0725"),
        (("Larkfield Mill", "410 Weir Road", "Ohio", "43998"), ("Larkfield Returns", "12 Depot Lane", "Ohio", "43997")),
    ),
    Premises(
        "Larkfield Home UK", "GB", "CROSS_BORDER", "GCP_", "GBP", Decimal(0),
        (
            ("Netherwick Barn", "3 Tollgate", "England", "ZZ1 4AA"),
            ("Netherwick Returns", "5 Tollgate", "England", "ZZ1 4AC"),
        ),
    ),
)  # fmt: skip
"""The shops that most orders are of."""

BRANCHES = (
    Premises(
        "Netherwick Home", "GB", "LOCAL", "GCP_", "GBP", Decimal(0),
        (("Orrin Shed", "8 Quay Row", "Scotland", "ZZ7 2CE"), ("Orrin Returns", "9 Quay Row", "Scotland", "ZZ7 2CF")),
    ),
    Premises(
        "Lindenau Haus", "DE", "LOCAL", "GCP_", "EUR", Decimal(0),
        (
            ("Lindenau Lager", "Wehrgasse 4", "Hessen", "00991"),
            ("Lindenau Retouren", "Wehrgasse 6", "Hessen", "00991"),
        ),
    ),
    Premises(
        "Melur Rumah", "ID", "LOCAL", "ROW_", "IDR", Decimal(0),
        (
            ("Melur Gudang", "Jalan Senja 7", "Jawa Barat", "09991"),
            ("Melur Retur", "Jalan Senja 9", "Jawa Barat", "09991"),
        ),
    ),
    Premises(
        "Larkfield Home TH", "TH", "CROSS_BORDER", "ROW_", "THB", Decimal(0),
        (
            ("Khlong Mai Store", "21 Soi Saeng", "Chiang Mai", "09994"),
            ("Khlong Mai Returns", "23 Soi Saeng", "Chiang Mai", "09994"),
        ),
    ),
    Premises(
        "Casa Aroeira", "BR", "LOCAL", "ROW_", "BRL", Decimal(0),
        (
            ("Aroeira Galpão", "Rua do Farol 5", "Goiás", "00998-020"),
            ("Aroeira Devoluções", "Rua do Farol 7", "Goiás", "00998-020"),
        ),
    ),
)  # fmt: skip
"""Shops with a few orders each, in the markets whose endpoints differ."""

CANCEL_REASONS = (
    "ecom_order_to_ship_canceled_reason_ordered_by_mistake",
    "ecom_order_to_ship_canceled_reason_found_it_cheaper",
)
SELLER_CANCEL_REASONS = (
    "ecom_order_to_ship_canceled_reason_out_of_stock",
    "ecom_order_to_ship_canceled_reason_wrong_price",
)
RETURN_REASONS = (
    "ecom_order_delivered_refund_reason_arrived_damaged",
    "ecom_order_delivered_refund_reason_not_as_described",
    "ecom_order_delivered_refund_reason_no_longer_needed",
)
