"""A MariaDB of our own on a socket, with the tables that FreePBX and Issabel keep of calls."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_S = 60.0
CEL = """
CREATE TABLE cel (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, eventtype VARCHAR(30) NOT NULL, eventtime DATETIME NOT NULL,
  cid_name VARCHAR(80) NOT NULL, cid_num VARCHAR(80) NOT NULL, cid_ani VARCHAR(80) NOT NULL DEFAULT '',
  cid_rdnis VARCHAR(80) NOT NULL DEFAULT '', cid_dnid VARCHAR(80) NOT NULL DEFAULT '',
  exten VARCHAR(80) NOT NULL, context VARCHAR(80) NOT NULL, channame VARCHAR(80) NOT NULL,
  appname VARCHAR(80) NOT NULL, appdata VARCHAR(255) NOT NULL, amaflags INT NOT NULL DEFAULT 3,
  accountcode VARCHAR(20) NOT NULL DEFAULT '', uniqueid VARCHAR(32) NOT NULL, linkedid VARCHAR(32) NOT NULL,
  peer VARCHAR(80) NOT NULL, userdeftype VARCHAR(255) NOT NULL DEFAULT '', extra VARCHAR(512) NOT NULL,
  KEY uniqueid_index (uniqueid), KEY linkedid_index (linkedid)
) DEFAULT CHARSET=utf8mb4
"""

CDR = """
CREATE TABLE cdr (
  calldate DATETIME NOT NULL, clid VARCHAR(80) NOT NULL DEFAULT '', src VARCHAR(80) NOT NULL,
  dst VARCHAR(80) NOT NULL, dcontext VARCHAR(80) NOT NULL DEFAULT '', channel VARCHAR(80) NOT NULL,
  dstchannel VARCHAR(80) NOT NULL, lastapp VARCHAR(80) NOT NULL, lastdata VARCHAR(80) NOT NULL,
  duration INT NOT NULL, billsec INT NOT NULL, disposition VARCHAR(45) NOT NULL,
  amaflags INT NOT NULL DEFAULT 3, accountcode VARCHAR(20) NOT NULL DEFAULT '',
  uniqueid VARCHAR(32) NOT NULL, userfield VARCHAR(255) NOT NULL DEFAULT '', did VARCHAR(50) NOT NULL,
  KEY calldate (calldate)
) DEFAULT CHARSET=utf8mb4
"""


@contextmanager
def mariadb(folder: Path) -> Iterator[Path]:
    """Run a server in *folder* for the time of the block; yield its socket. Its root has no password."""
    user = pwd.getpwuid(os.getuid()).pw_name
    data, place = folder / "data", folder / "s"
    common = ["--no-defaults", f"--datadir={data}", f"--user={user}"]
    how = [
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        "--force",
    ]  # nobody looks us up by name
    subprocess.run(
        ["mariadb-install-db", *common, *how],
        check=True,
        capture_output=True,
        timeout=START_S,
    )
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            ["/usr/sbin/mariadbd", *common, f"--socket={place}", "--skip-networking"], stdout=log, stderr=log
        )
    try:
        _until_it_answers(place, server, folder / "log")
        yield place
    finally:
        server.terminate()
        server.wait(START_S)


def _until_it_answers(place: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        with socket.socket(socket.AF_UNIX) as connection:
            if connection.connect_ex(str(place)) == 0:
                return
        assert server.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
