"""What these clients get wrong, and what the sandbox answers. `docs/other-clients.md` says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.foreign.conftest import API_ASYNC, API_SYNC, CLIENT, SDK, of

if TYPE_CHECKING:
    from tests.foreign.reports import Report


def refusal(report: Report, step: str) -> tuple[int, str]:
    """The code and the message that a step was refused with."""
    return report.steps[step]["code"], report.steps[step]["message"]


@of(API_ASYNC, API_SYNC)
def test_a_list_that_repeats_its_key_has_a_signature_that_does_not_fit(report: Report) -> None:
    assert refusal(report, "bug/two ids")[0] == 106001
    assert "every value of a repeated name is signed" in report.log


@of(API_ASYNC, API_SYNC)
def test_a_list_of_one_has_nothing_to_repeat(report: Report) -> None:
    (row,) = report.data("order/detail")["orders"]
    assert row["id"] == report.facts["order_ids"][0]


@of(SDK)
def test_a_list_that_is_joined_by_commas_is_read_as_a_list(report: Report) -> None:
    assert [row["id"] for row in report.data("order/detail")["orders"]] == report.facts["order_ids"]


@of(SDK)
def test_an_empty_body_that_is_sent_and_not_signed_is_refused(report: Report) -> None:
    assert refusal(report, "bug/an empty body")[0] == 106001
    assert "fits if the body is left out" in report.log


@of(SDK)
def test_an_undefined_parameter_that_is_signed_and_not_sent_is_refused(report: Report) -> None:
    assert refusal(report, "bug/an undefined parameter")[0] == 106001
    assert "`page_token`, which was not sent, is signed as `undefined`" in report.log


@of(SDK)
def test_a_cipher_where_none_is_taken_is_refused(report: Report) -> None:
    for step in ("bug/an extra identifier", "bug/an upload"):
        code, message = refusal(report, step)
        assert code == 36009004
        assert "shop_cipher" in message


@of(SDK)
def test_an_upload_without_its_content_is_refused(report: Report) -> None:
    assert refusal(report, "bug/an upload without a cipher")[0] == 36009023


@of(CLIENT)
def test_a_page_token_that_is_not_percent_encoded_arrives_as_another(report: Report) -> None:
    assert report.data("page/0")["next_page_token"]
    assert refusal(report, "bug/the second page")[0] == 106001
    assert "a + is signed that was sent as it is" in report.log


@of(CLIENT)
def test_parameters_of_older_versions_are_signed_and_ignored(report: Report) -> None:
    assert report.steps["page/0"]["code"] == 0
    assert "`shop_id` in the query, which is unknown" in report.log
    assert "`version` in the query, which is unknown" in report.log


@of(CLIENT)
def test_a_cipher_on_the_shops_of_a_token_is_refused(report: Report) -> None:
    for step in ("bug/an extra identifier, authorization", "bug/an extra identifier, seller"):
        code, message = refusal(report, step)
        assert code == 36009004
        assert "shop_cipher" in message
