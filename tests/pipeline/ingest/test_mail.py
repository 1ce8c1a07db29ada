"""E-mails and saved pages, made by the standard library."""

import base64
from email import policy
from email.header import Header, decode_header, make_header
from email.message import EmailMessage, MIMEPart
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.pipeline.ingest.archives import messages
from taojin.pipeline.ingest.archives.headers import header
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Record, Skipped
from taojin.tests.pipeline.ingest.hostile import assert_no_crash, cuts, entries_of, packed

OPTIONS = ReadOptions()
PAGE = """<html><head><title>淘金网</title></head><body><nav>首页</nav><article><h1>淘金</h1>
<p>沙里淘金要有耐心，一遍一遍地洗，才能见到金子。最后把金子收好，不要告诉别人在哪里找到的。</p>
</article></body></html>"""
PAGE_TEXT = PAGE[PAGE.index("沙里") : PAGE.index("</p>")]


def letter(text: str = "沙里淘金。\n", page: str = "") -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = "某人 <someone@example.com>"
    message["To"] = "other@example.com"
    message["Subject"] = "关于 淘金"
    message["Date"] = "Wed, 01 May 2024 10:30:00 +0800"
    message["Message-ID"] = "<1@example.com>"
    message.set_content(text) if text else message.set_content(page, subtype="html")
    if text and page:
        message.add_alternative(page, subtype="html")
    return message


def saved(path: Path, data: bytes) -> list[Entry]:
    found = entries_of(path, data)
    assert [entry.position for entry in found] == list(range(len(found)))
    return found


def test_the_text_the_subject_and_the_date_but_no_names(tmp_path: Path) -> None:
    for charset in ("utf-8", "gb18030", "big5"):
        message = letter()
        message.set_content(
            "沙里淘金。" if charset != "big5" else "沙裡淘金。", charset=charset, cte="base64"
        )
        (found,) = saved(tmp_path / "a.eml", message.as_bytes())
        assert isinstance(found, Record)
        assert found.text in ("沙里淘金。\n", "沙裡淘金。\n")
        assert (found.title, found.fetched_at) == ("关于 淘金", "2024-05-01T10:30:00+08:00")
        assert "example.com" not in repr(found)
    (found,) = saved(tmp_path / "no suffix", letter().as_bytes())
    assert found.text == "沙里淘金。\n"


def encoded(data: bytes, label: str = "gb2312") -> bytes:
    return b"=?%s?B?%s?=" % (label.encode(), base64.b64encode(data))


GBK = "朱镕基与囧事".encode("gbk")


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (encoded(GBK), "朱镕基与囧事"),
        (encoded(GBK[:5]) + b"\n " + encoded(GBK[5:]), "朱镕基与囧事"),
        (GBK + "淘金会议".encode("gbk"), "朱镕基与囧事淘金会议"),
        ("淘金".encode(), "淘金"),
        (b"Re: =?UTF-8?q?caf=C3=A9_au?=\n =?utf-8?Q?_lait?= =?x-odd?B?Z29sZA?= 1", "Re: café au laitgold 1"),
        (b"=?utf-8?B?bad!?= =?utf-8?B?YQ==?= b", "=?utf-8?B?bad!?=a b"),
        (b"=?utf-8?q??=", ""),
    ],
)  # fmt: skip
def test_subjects_as_mailers_write_them(tmp_path: Path, raw: bytes, subject: str) -> None:
    (found,) = saved(tmp_path / "a.eml", b"Subject: " + raw + b"\n\ntext")
    assert found.title == subject


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=40))
def test_subjects_agree_with_the_standard_library(subject: str) -> None:
    written = Header(subject, "utf-8").encode(maxlinelen=60)
    message = messages.parsed(f"Subject: {written}\n\n".encode())
    expected = " ".join(str(make_header(decode_header(written))).split())
    assert header(message, "subject") == expected


def test_a_short_letter_as_a_page_is_read_whole(tmp_path: Path) -> None:
    page = "<html><body><div>各位老师：</div><div>请于周五前交材料。</div></body></html>"
    (found,) = saved(tmp_path / "a.eml", letter("", page).as_bytes())
    assert found.text == "各位老师：\n\n请于周五前交材料。"


def test_a_message_whose_parts_never_begin_is_text(tmp_path: Path) -> None:
    data = b"Subject: a\nContent-Type: multipart/mixed; boundary=x\n\ngold in sand\n"
    (found,) = saved(tmp_path / "a.eml", data)
    assert found.text == "gold in sand\n"


def test_plain_text_is_preferred_to_the_page_beside_it(tmp_path: Path) -> None:
    (found,) = saved(tmp_path / "a.eml", letter(page=PAGE).as_bytes())
    assert found.text == "沙里淘金。\n"
    (found,) = saved(tmp_path / "a.eml", letter("", PAGE).as_bytes())
    assert PAGE_TEXT in found.text
    assert "首页" not in found.text
    (found,) = saved(tmp_path / "a.eml", letter(" \n", PAGE).as_bytes())
    assert PAGE_TEXT in found.text


def test_attachments_are_records_of_their_own(tmp_path: Path) -> None:
    message = letter(page=PAGE)
    message.add_attachment(
        "年,text\n1848,金\n".encode(), maintype="text", subtype="csv", filename="表.csv"
    )
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="a.png")
    message.add_attachment(
        b"\x00\x01", maintype="application", subtype="octet-stream", filename="../x.bin"
    )
    message.add_attachment(packed({"b.txt": b"b", "../c.txt": b"c"}), maintype="application",
                           subtype="zip", filename="d.zip")  # fmt: skip
    message.add_attachment(letter("内\n"))
    message.add_attachment("附件\n")
    found = saved(tmp_path / "a.eml", message.as_bytes())
    ends = [
        (entry.member, entry.text) if isinstance(entry, Record)
        else (entry.member, entry.cause) if isinstance(entry, Damaged)
        else ("", entry.kind)
        for entry in found
    ]  # fmt: skip
    assert ends == [
        ("", "沙里淘金。\n"), ("表.csv", "金"), ("", "image"), ("x.bin", "unknown_format"),
        ("d.zip/b.txt", "b"), ("d.zip/../c.txt", "bad_path"), ("part-5.eml", "内\n"),
        ("part-6.txt", "附件\n"),
    ]  # fmt: skip


def test_a_page_before_the_text_and_a_text_behind_it(tmp_path: Path) -> None:
    data = (
        "Subject: s\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html; "
        f"charset=utf-8\n\n{PAGE}\n--b\nContent-Type: text/plain\n\nfirst\n--b\n"
        "Content-Type: text/plain\n\nfooter of the list\n--b--\n"
    )
    first, second = saved(tmp_path / "a.eml", data.encode())
    assert (first.text, second.text) == ("first", "footer of the list")


def test_messages_in_messages_have_an_end(tmp_path: Path) -> None:
    message = letter("0\n")
    for number in range(1, 5):
        outer = letter(f"{number}\n")
        outer.add_attachment(message)
        message = outer
    found = saved(tmp_path / "a.eml", message.as_bytes())
    assert [getattr(entry, "text", "too_large") for entry in found] == ["4\n", "3\n", "too_large"]


def test_a_saved_page_and_its_url(tmp_path: Path) -> None:
    archive = EmailMessage(policy=policy.SMTP)
    archive["Subject"] = "主题"
    archive["Snapshot-Content-Location"] = "https://example.org/snapshot"
    archive["Date"] = "Wed, 01 May 2024 10:30:00 +0800"
    for place, page in (("frame", PAGE.replace("沙里", "框里")), ("main", PAGE)):
        part = MIMEPart(policy=policy.SMTP)
        part.set_content(page, subtype="html", cid=f"<{place}>")
        part["Content-Location"] = f"https://example.org/{place}"
        archive.make_related() if not archive.is_multipart() else None
        archive.attach(part)
    archive.set_param("start", "<main>")
    archive.set_param("type", "text/html")
    (found,) = saved(tmp_path / "a.mhtml", archive.as_bytes())
    assert isinstance(found, Record)
    assert PAGE_TEXT in found.text
    assert "框里" not in found.text
    assert (found.url, found.title) == ("https://example.org/main", "淘金")
    assert found.fetched_at == "2024-05-01T10:30:00+08:00"
    for name in ("a.mht", "no suffix", "a.html"):
        assert saved(tmp_path / name, archive.as_bytes())[0].text == found.text


@pytest.mark.parametrize("name", ["a.eml", "a.mhtml"])
@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff\xfe", b"no header at all", b"\n\nbody"])
def test_what_is_no_message(tmp_path: Path, name: str, data: bytes) -> None:
    (found,) = saved(tmp_path / name, data)
    assert found.cause == "unreadable"


def test_a_header_that_would_take_long(tmp_path: Path) -> None:
    for written in (b"Subject", b"Content-Type", b"Date"):
        data = written + b": text/plain" + b"; a*0=b" * 99_999 + b"\n\nx"
        assert saved(tmp_path / "a.eml", data)[0].cause == "too_large"
    (found,) = saved(tmp_path / "a.eml", b"To: " + b"a@b.c, " * 99_999 + b"\nSubject: s\n\nx")
    assert (found.title, found.text) == ("s", "x")


def test_parts_without_number_or_depth(tmp_path: Path) -> None:
    start = b"Subject: s\nContent-Type: multipart/mixed; boundary=%d\n\n"
    many = start % 1 + b"--1\n\nx\n" * 20_001
    assert saved(tmp_path / "a.eml", many)[0].cause == "too_large"
    deep = b"".join(
        b"--%d\n" % number * (number > 0) + start % (number + 1) for number in range(3000)
    )
    assert saved(tmp_path / "a.eml", deep + b"x")[0].cause in ("too_large", "unreadable")
    long = start % 1 + start % 2 + b"\n" * 10_000_001
    assert saved(tmp_path / "a.eml", long)[0].cause == "too_large"


def test_damaged_copies(tmp_path: Path) -> None:
    message = letter(page=PAGE)
    message.add_attachment(b"x", maintype="text", subtype="csv", filename="表.csv")
    for broken in cuts(message.as_bytes(), 200):
        for entry in entries_of(tmp_path / "a.eml", broken):
            assert isinstance(entry, Record | Damaged | Skipped)
    assert_no_crash(tmp_path / "a.mhtml", message.as_bytes(), 100)


HEADERS = st.sampled_from(
    ["Subject", "Date", "Content-Type", "Content-Disposition", "Content-Transfer-Encoding", "Content-ID",
     "MIME-Version", "Content-Location"]
)  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["multipart/mixed; boundary=b", "multipart/related; boundary=b", "text/html", "base64",
                     "text/plain; charset=x", "attachment; filename*=utf-8''%", "=?gbk?B?zNS98A==?=", "uuencode",
                     "message/rfc822", "message/partial", "=?utf-8?q?=", "message/external-body",
                     "message/delivery-status", "quoted-printable", "attachment; filename*0*=a; filename*0=b"]),
)  # fmt: skip
BODIES = st.sampled_from(
    ["--b\n", "x\n", "\n", "Content-Type: text/html\n\n<p>y\n", "begin 666 a\n", "--b--\n"]
)


@given(st.lists(st.tuples(HEADERS, VALUES), max_size=5), st.lists(BODIES, max_size=6))
def test_any_headers_are_a_message_or_none(
    headers: list[tuple[str, str]], bodies: list[str]
) -> None:
    from tempfile import NamedTemporaryFile

    text = "".join(f"{name}: {value}\n" for name, value in headers) + "\n" + "".join(bodies)
    for suffix in (".eml", ".mhtml"):
        with NamedTemporaryFile(suffix=suffix) as file:
            file.write(text.encode("utf-8", "replace"))
            file.flush()
            found = list(read(file.name, OPTIONS))
        assert found
        assert [entry.position for entry in found] == list(range(len(found)))
