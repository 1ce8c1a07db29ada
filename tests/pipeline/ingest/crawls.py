"""Records of a crawl, and files that were damaged."""

from hypothesis import strategies as st

PAGE = "<html><head><title>黄金</title></head><body><p>{}</p></body></html>"


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    head = "\r\n".join((f"HTTP/1.1 {status}", "Content-Type: text/html; charset=utf-8", *headers))
    return head.encode() + b"\r\n\r\n" + body


def warc(
    block: bytes, kind: str = "response", url: str = "http://a.example/", length: int | None = None
) -> bytes:
    mime = "application/http; msgtype=response" if kind == "response" else "text/plain"
    lines = (
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Target-URI: {url}",
        "WARC-Date: 2024-05-01T00:00:00Z",
        f"Content-Type: {mime}",
        f"Content-Length: {len(block) if length is None else length}",
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def page(number: int, **options: int) -> bytes:
    body = PAGE.format(f"第{number}页。" + "淘金要有耐心。" * 20).encode()
    return warc(http(body), url=f"http://a.example/{number}", **options)


Cut = tuple[float, bytes, int]
"""Where in a file, as a share of it, so many bytes are replaced by others."""


def cuts(most_removed: int = 60) -> st.SearchStrategy[list[Cut]]:
    where = st.floats(0, 1) | st.floats(0, 0.01)
    return st.lists(
        st.tuples(where, st.binary(max_size=40), st.integers(0, most_removed)), max_size=3
    )


def damaged(data: bytes, cuts: list[Cut]) -> bytes:
    for where, new, removed in cuts:
        at = int(where * len(data))
        data = data[:at] + new + data[at + removed :]
    return data
