"""The key that secrets are sealed by: made once, beside the database, for its owner's eyes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from centralita import site_key
from centralita.clock import utc_now
from screenpop.sealing import Sealer


def test_the_key_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/centralita.sqlite3"
    key = site_key.of(url)
    assert site_key.of(url) == key
    (file,) = tmp_path.iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("sign-in.key", 0o600)


def test_who_make_it_at_once_have_the_same(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/centralita.sqlite3"
    with ThreadPoolExecutor(8) as many:
        assert len(set(many.map(site_key.of, [url] * 8))) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["sign-in.key"]


@pytest.mark.parametrize("held", [b"", b"short", b"\xff\xfe", b"x" * 44])
def test_a_file_that_holds_no_key_is_named(tmp_path: Path, held: bytes) -> None:
    file = tmp_path / "sign-in.key"
    file.write_bytes(held)
    with pytest.raises(site_key.SiteKeyError, match=str(file)):
        site_key.of(f"sqlite:///{tmp_path}/centralita.sqlite3")
    assert file.read_bytes() == held


def test_what_is_sealed_is_read_by_the_same_key_only(tmp_path: Path) -> None:
    sealed = Sealer(site_key.of(f"sqlite:///{tmp_path}/x.sqlite3")).seal("text", now=utc_now())
    assert Sealer(site_key.of(f"sqlite:///{tmp_path}/x.sqlite3")).open(sealed) == "text"
    assert Sealer().open(sealed) is None
    assert Sealer().open("ñ") is None
