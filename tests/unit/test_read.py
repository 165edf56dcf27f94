"""Bytes to text: every encoding that websites use, and a reason for whatever is no text."""

import pytest

from loaders.read import decode, needs_library

TEXT = "某县2020年政府信息公开工作年度报告\n一、总体情况\n共收到申请12件。"


@pytest.mark.parametrize(
    ("encoding", "prefix"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("gb18030", b""),
        ("gbk", b""),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
    ],
)
def test_common_encodings_give_the_same_text(encoding: str, prefix: bytes) -> None:
    assert decode(prefix + TEXT.encode(encoding)).text == TEXT


@pytest.mark.parametrize(
    ("data", "issue_code"),
    [
        (b"", "empty_document"),
        (b" \r\n\t\n", "empty_document"),
        (b"%PDF-1.7\n%\xe2\xe3", "unreadable_file"),
        (b"PK\x03\x04" + b"\x00" * 40, "unreadable_file"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 40, "not_text"),
        (bytes(range(256)) * 8, "not_text"),
        (b"\xff\xfe\x00\xd8" * 50 + b"\x01", "unknown_encoding"),
    ],
)
def test_what_is_no_text_has_a_reason(data: bytes, issue_code: str) -> None:
    decoded = decode(data)
    assert decoded.text is None
    assert decoded.issue_code == issue_code
    assert decoded.reason.endswith(".")


def test_a_few_broken_bytes_do_not_cost_the_document() -> None:
    data = (TEXT * 20).encode() + b"\xff\xfe" + "结尾".encode()
    decoded = decode(data)
    assert decoded.text is not None
    assert decoded.text.startswith(TEXT)
    assert "\ufffd" in decoded.text


@pytest.mark.parametrize("encoding", ["big5", "big5hkscs", "gb18030"])
def test_traditional_text_is_read_in_either_code(encoding: str) -> None:
    text = (
        "衢州市人民政府2018年政府信息公開工作年度報告\n一、概述\n全年共受理政府信息公開申請467件。"
    )
    decoded = decode(text.encode(encoding))
    assert decoded.text == text
    assert decoded.encoding == ("gb18030" if encoding == "gb18030" else "big5hkscs")


@pytest.mark.parametrize(
    ("data", "is_needed"),
    [
        (b"", False),
        (TEXT.encode(), False),
        (TEXT.encode("utf-16"), False),
        (b"1,2\n", False),
        (b"%PDF-1.4", True),
        (b"PK\x03\x04", True),
        ("<html>甲".encode(), True),
        (" \n<!DOCTYPE html>甲".encode("utf-16"), True),
    ],
)
def test_only_plain_text_is_read_without_a_library(data: bytes, is_needed: bool) -> None:
    assert needs_library(data) is is_needed
