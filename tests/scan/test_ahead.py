"""Pages that wait for their turn: as they came, and small."""

from __future__ import annotations

from tiktok_shop_async import Response
from tiktok_shop_async.ahead import Held, compress

CONTENT = b'{"code":0,"data":{"orders":[]}}' * 1000


def pages(count: int) -> list[Held]:
    return [Held(Response(200, {}, CONTENT, request_id=str(number)), [0]) for number in range(count)]


def test_a_compressed_page_is_small_and_comes_back_as_it_was() -> None:
    page = pages(1)[0]
    before = page.answer()
    assert page.weight == len(CONTENT)
    page.compress()
    assert page.weight == 0
    assert len(page.response.content) < len(CONTENT) / 10
    assert page.answer() == before


def test_as_many_are_compressed_as_it_takes_and_the_first_before_the_others() -> None:
    held = pages(5)
    held[1].compress()
    assert compress(held, len(CONTENT) + 1) == 2 * len(CONTENT)
    assert [page.is_compressed for page in held] == [True, True, True, False, False]


def test_when_all_are_compressed_there_is_no_more_to_do() -> None:
    held = pages(2)
    assert compress(held, 10**9) == 2 * len(CONTENT)
    assert compress(held, 10**9) == 0
