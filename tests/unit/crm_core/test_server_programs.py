"""What PostgreSQL's programs said of an error is told without the rows that they quote."""

from __future__ import annotations

from pathlib import Path
from threading import Event

import pytest

from crm_core.db.copies import CopyError
from crm_core.db.server_programs import Programs

FAILED_COPY = """pg_restore: error: COPY failed for table "contact": ERROR:  duplicate key value
DETAIL:  Key (id)=(Ana Ruiz) already exists.
CONTEXT:  COPY contact, line 7: "ana	Ana Ruiz
+34957212000"
pg_restore: detail: Command was: COPY public.contact (id, given) FROM stdin;
"""


@pytest.mark.parametrize(
    ("name", "said", "told"),
    [
        pytest.param(
            "pg_restore",
            FAILED_COPY,
            'pg_restore: error: COPY failed for table "contact": ERROR:  duplicate key value',
            id="a row that is there",
        ),
        pytest.param(
            "pg_restore",
            'pg_restore: error: COPY failed for table "task": ERROR:  bad date: "Ana\n',
            'pg_restore: error: COPY failed for table "task": ERROR:  bad date: …',
            id="a value that an error quotes",
        ),
        pytest.param(
            "psql",
            "psql:<stdin>:9: ERROR:  value too long\nCONTEXT:  COPY task, line 1: Ana\n",
            "psql:<stdin>:9: ERROR:  value too long",
            id="at a line of a script",
        ),
        pytest.param(
            "pg_dump",
            'pg_dump: error: connection to server at "db" (192.0.2.1), port 5432 failed: FATAL:  no "x"\n',
            'pg_dump: error: connection to server at "db" (192.0.2.1), port 5432 failed: FATAL:  no "x"',
            id="no connection",
        ),
        pytest.param("pg_dump", "Ana Ruiz\n", "ended with 3", id="nothing of its own"),
    ],
)
def test_why_a_program_failed_names_nobody(tmp_path: Path, name: str, said: str, told: str) -> None:
    (tmp_path / "said").write_text(said)
    program = tmp_path / name
    program.write_text(f"#!/bin/sh\ncat '{tmp_path / 'said'}' >&2\nexit 3\n")
    program.chmod(0o700)
    with pytest.raises(CopyError) as failed:
        Programs(tmp_path, stop=Event(), within_s=60).run(name)
    assert failed.value.why == f"{name}: {told}"
