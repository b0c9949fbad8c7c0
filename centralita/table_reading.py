"""Tables asked of the process that reads them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import msgspec

from centralita import table_reader
from centralita.table_file import TableError
from centralita.table_reader import SIZE, Asked, Failed, Group, Look, Told
from crm_core.domain.imports import ReadGroup


async def look(asked: Asked) -> Look:
    """Return what is in a table.

    Raises:
        TableError: it is none.
    """
    async with aclosing(_told(asked)) as told:
        async for one in told:
            if isinstance(one, Look):
                return one
    raise TableError(asked.file)


async def groups(asked: Asked) -> AsyncGenerator[ReadGroup, None]:
    """Yield the rows that *asked* names, group by group.

    Raises:
        TableError: it cannot be read on.
    """
    async with aclosing(_told(asked)) as told:
        async for one in told:
            if isinstance(one, Group):
                yield one.group


async def _told(asked: Asked) -> AsyncGenerator[Told, None]:
    async with _reader(asked) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        while True:
            try:
                size = SIZE.unpack(await process.stdout.readexactly(SIZE.size))[0]
                told = msgspec.msgpack.decode(await process.stdout.readexactly(size), type=Told)
            except asyncio.IncompleteReadError:
                break
            if isinstance(told, Failed):
                raise TableError(told.why)
            yield told
        if await process.wait():  # such as: out of the memory that it may have
            raise TableError(f"{Path(asked.file).name}: the reader ended with {process.returncode}")


@asynccontextmanager
async def _reader(asked: Asked) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a reader; at the end of the block it is gone."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        table_reader.__name__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdin is not None  # noqa: S101 - it is a pipe
        process.stdin.write(msgspec.json.encode(asked))
        process.stdin.close()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
