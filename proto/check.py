"""Hold the contracts to buf's standard rules, and to what callers of main already rely on.

Usage: python proto/check.py [BASE]     (default: main, or origin/main if there is no main)

Buf cannot fetch google's protos here, so protoc builds the images, from the copies that pip
installed, and buf judges those.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from io import BytesIO
from pathlib import Path

from generate import PROTO, includes
from grpc_tools import protoc

BUF = Path(sys.executable).with_name("buf")


def main(base: str | None) -> int:
    """Return 0 if the contracts are sound, else 1, with what is wrong printed."""
    with tempfile.TemporaryDirectory() as folder:
        ours = image(PROTO, Path(folder) / "ours.binpb")
        config = ["--config", str(PROTO / "buf.yaml")]
        faults = run("lint", str(ours), *config)
        theirs = contracts_of(base or default_base(), Path(folder) / "theirs")
        if theirs is None:
            print("no earlier contracts to compare with")  # noqa: T201
            return faults
        against = image(theirs, Path(folder) / "theirs.binpb")
        return max(faults, run("breaking", str(ours), "--against", str(against), *config))


def image(root: Path, target: Path) -> Path:
    """Compile the contracts below `root` into an image with comments and imports."""
    sources = sorted(str(path) for path in root.rglob("v1/*.proto"))
    flags = ["--include_imports", "--include_source_info", f"--descriptor_set_out={target}"]
    paths = [f"-I{path}" for path in includes(root)]
    if protoc.main(["protoc", *paths, *flags, *sources]) != 0:
        raise SystemExit("protoc refused the contracts; its message stands above")
    return target


def default_base() -> str:
    """Name the branch that callers build from."""
    known = git("rev-parse", "--verify", "--quiet", "main")
    return "main" if known.returncode == 0 else "origin/main"


def contracts_of(base: str, folder: Path) -> Path | None:
    """Unpack the contracts of a commit; None if it has none, or is not there."""
    archive = git("archive", "--format=zip", base, "--", "proto")
    if archive.returncode != 0:
        return None
    # Not a tar: the safe way to unpack one came with Python 3.11.4, and Debian 12 has 3.11.2.
    with zipfile.ZipFile(BytesIO(archive.stdout)) as files:
        files.extractall(folder)
    return folder / "proto"


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run git in the checkout."""
    command = [shutil.which("git") or "git", *arguments]
    return subprocess.run(command, cwd=PROTO.parent, capture_output=True, check=False)  # noqa: S603


def run(*arguments: str) -> int:
    """Run buf on images, which have only our own files to judge."""
    return min(subprocess.run([BUF, *arguments], check=False).returncode, 1)  # noqa: S603


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1] if len(sys.argv) > 1 else None))
