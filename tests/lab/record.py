"""Record the manager interface during real calls: ``python tests/lab/record.py [NAME…]``.

For each scenario it writes to tests/fixtures/ami: ``NAME.ami.gz`` and ``NAME.idx.gz`` (see ``ami_tap``),
heard at the bridge's rights, and ``NAME.truth.json``, what happened by SIPp's log. ``floor`` is sixty
queue calls heard at read=all.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from lab import chroot  # noqa: E402
from lab.ami_tap import Tap, tap  # noqa: E402
from lab.floor import Floor, settings  # noqa: E402
from lab.pbx import Asterisk, Instance  # noqa: E402
from lab.scenarios import ALL, Scenario, Stage, Told  # noqa: E402

FOLDER = ROOT / "tests" / "fixtures" / "ami"
QUIET_S = 0.7


async def record(pbx: Asterisk, name: str, play: Scenario, *, role: str = "bridge") -> None:
    """Play one scenario with an ear at the exchange, and write down both."""
    floor = Floor(pbx.settings, pbx)
    async with tap(pbx, role=role) as ear:
        await ear.until(lambda block: block.get("Event") == "FullyBooted")
        for action, last in (
            ("CoreShowChannels", "CoreShowChannelsComplete"),
            ("QueueStatus", "QueueStatusComplete"),
        ):
            await ear.ask(action)
            await ear.until(lambda block, last=last: block.get("Event") == last)
        told = await play(Stage(pbx=pbx, floor=floor, tap=ear))
        await _quiet(pbx, ear)
    _write(name, ear, told, role=role)


async def _quiet(pbx: Asterisk, ear: Tap) -> None:
    """Return when no channel is left and nothing was heard for a while."""
    deadline = asyncio.get_running_loop().time() + 60
    heard = -1
    while heard != len(ear.raw) or "0 active channels" not in await asyncio.to_thread(
        pbx.cli, "core show channels"
    ):
        heard = len(ear.raw)
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError("the exchange does not come to rest")
        await asyncio.sleep(QUIET_S)


def _write(name: str, ear: Tap, told: Told, *, role: str) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    index = "".join(f"{offset} {arrival:.6f}\n" for offset, arrival in ear.index)
    for suffix, content in (("ami", bytes(ear.raw)), ("idx", index.encode())):
        (FOLDER / f"{name}.{suffix}.gz").write_bytes(gzip.compress(content, mtime=0))
    whole: dict[str, Any] = {
        "scenario": name,
        "asterisk": chroot.manifest()["asterisk"],
        "role": role,
        "calls": told,
    }
    (FOLDER / f"{name}.truth.json").write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n")


async def main(names: list[str]) -> None:
    """Record what is named, or everything."""
    instance = Instance(chroot.ready())
    with Asterisk(settings(instance), instance) as pbx:
        for name in names or ALL:
            await record(pbx, name, ALL[name], role="recorder" if name == "floor" else "bridge")
            told = json.loads((FOLDER / f"{name}.truth.json").read_text())["calls"]
            print(name, [(each["outcome"], each["hung_up_by"]) for each in told], flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
