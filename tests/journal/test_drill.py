"""The drill of docs/deployment.md: back up beside a server, lose the disk, restore."""

import json
from pathlib import Path

from typer.testing import CliRunner

from dealgate.cli.journal import app as command
from dealgate.journal.sqlite.journal import SqliteJournal
from tests.journal.appender import result
from tests.journal.decisions import decision


def run(*arguments: object) -> str:
    """Run `dealgate journal`; it must succeed."""
    done = CliRunner().invoke(command, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


async def test_what_was_backed_up_comes_back(tmp_path: Path) -> None:
    """Decisions, keys and results are those of the backup, to the byte, and the chain goes on."""
    path, copy, heads = (tmp_path / name for name in ("data/j.db", "copy.db", "heads.json"))
    server = await SqliteJournal.open(path)
    keyed = decision(1, key="k")
    kept = [await server.append(each) for each in (decision(0), keyed, decision(2))]
    told = await server.attach(result(kept[0].id))
    heads.write_text(run("heads", "--journal", path))
    run("backup", copy, "--journal", path)
    await server.append(decision(3))  # after the backup: only a replica would have it
    await server.close()
    for file in path.parent.iterdir():
        file.unlink()

    copy.rename(path)
    run("verify", "--journal", path, "--heads", heads)
    restored = await SqliteJournal.open(path)
    assert [await restored.get("default", each.id) for each in kept] == kept
    assert await restored.recall("default", "k", keyed.body_hash) == keyed
    assert (await restored.results("default", [kept[0].id]))[kept[0].id] == [told]
    await restored.append(decision(4))
    await restored.close()
    run("verify", "--journal", path, "--heads", heads)
    assert (
        json.loads(heads.read_text())[0]["link"]
        < json.loads(run("heads", "--journal", path))[0]["link"]
    )
