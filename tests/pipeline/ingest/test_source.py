"""Source code, its language and its licence."""

from pathlib import Path

import pytest

from taojin.pipeline.ingest.documents import licences, source
from taojin.pipeline.ingest.formats import format_of
from taojin.pipeline.ingest.records import Damaged, Record
from taojin.pipeline.settings.sources import Source
from taojin.pipeline.steps import ingest
from taojin.tests.pipeline.ingest.hostile import entry_of

ROOT = Path(__file__).resolve().parents[3]
MIT = "Permission is hereby granted, free of charge, to any person obtaining a copy\n"
HEADERS = {
    "# SPDX-License-Identifier: Apache-2.0\n": "Apache-2.0",
    "/* SPDX-License-Identifier: (GPL-2.0 OR MIT) */\n": "(GPL-2.0 OR MIT)",
    "// SPDX-License-Identifier: MIT -->\n": "MIT",
    '# Licensed under the Apache License, Version 2.0 (the\n# "License");\n': "Apache-2.0",
    "/*\n * Licensed under the Apache License,\n * Version 2.0\n */\n": "Apache-2.0",
    f"/* {MIT} */": "MIT",
    "Redistribution and use in source and\n# binary forms, with": "BSD-2-Clause",
    "Redistribution and use in source and binary forms. Neither the name of": "BSD-3-Clause",
    "-- GNU General Public License as published by the FSF; either version 2\n-- of the License, or "
    "(at your option) any later version.": "GPL-2.0-or-later",
    "GNU Lesser General Public License version 2.1": "LGPL-2.1-only",
    "GNU Affero General Public License, version 3": "AGPL-3.0-only",
    "subject to the terms of the Mozilla Public\n * License, v. 2.0.": "MPL-2.0",
    "木兰宽松许可证 Mulan PSL v2": "MulanPSL-2.0",
    "# Copyright 2024 Someone. All rights reserved.": "",
    "version 3 of the GNU tools": "",
    "x" * 7000 + MIT: "",
}


@pytest.mark.parametrize("head", HEADERS, ids=lambda head: head[:30])
def test_the_licence_that_a_head_states(head: str) -> None:
    assert licences.stated(head + "\ncode()\n") == HEADERS[head]


def test_a_licence_costs_no_more_than_its_head() -> None:
    assert licences.stated("gnu general public license " * 99_999) == ""
    assert licences.stated(" " * 999_999) == ""


def test_code_is_kept_as_it_is(tmp_path: Path) -> None:
    text = "# SPDX-License-Identifier: MIT\n\ndef 淘金():\n\treturn  '沙里淘金要有耐心，一遍一遍地洗，才能见到金子。'\n"
    found = entry_of(tmp_path / "a.py", text.encode())
    assert isinstance(found, Record)
    assert (found.text, found.mime, found.kind) == (text, "text/x-python", "code")
    assert found.licence == "MIT"
    assert entry_of(tmp_path / "b.H", text.encode("gb18030")).text == text
    assert entry_of(tmp_path / "b.H", text.encode("utf-16")).mime == "text/x-c"
    assert entry_of(tmp_path / "c.php", b"<html><?php ?>").mime == "text/x-php"


def test_a_video_is_no_typescript(tmp_path: Path) -> None:
    found = entry_of(tmp_path / "a.ts", b"\x47\x40\x00\x10\x00" * 99)
    assert isinstance(found, Damaged)
    assert found.cause == "unknown_format"


def test_code_is_of_kind_code_whatever_its_source_is() -> None:
    rows = ingest._Rows()
    for kind in ("", "code"):
        entry = Record(0, 1, "x", kind=kind, member="" if kind else "b/c.py")
        ingest._add(rows, Source(name="s", path="", kind="proprietary"), "a.zip", entry)
    assert [row[2]["kind"] for row in rows.documents] == ["proprietary", "code"]  # type: ignore[index]
    assert [row[2]["uri"] for row in rows.documents] == ["s/a.zip/b/c.py", "s/a.zip"]  # type: ignore[index]


def test_every_suffix_of_code_has_a_reader() -> None:
    for suffix in source.LANGUAGES:
        assert format_of(f"x.{suffix}", b"") == "source"
    assert format_of("x.rst", b"") != "source"
