"""Files that editors and office programs leave beside what an author edits.

Whatever they hold, nobody meant it as a rule: "v3.yaml~" (Emacs, Kate), ".v3.yaml.swp" (Vim),
"~$v3.market.csv" (Excel), ".~lock.v3.market.csv#" (LibreOffice), "v3.yaml.orig" (git, patch).
"""

import re

SCRATCH = re.compile(
    r"\..*"  # hidden: swap and lock files, .DS_Store
    r"|~\$.*|~.*\.(?:tmp|docx?|xlsx?)|.*~|#.*#\d*|\$~.*"
    r"|.*\.(?:orig|rej|bak|bkp|backup|old|save|tmp|temp)\d*|.*\.(?:sw[a-p]|kate-swp|lock)"
    r"|.*\.(?:autosave|asv|dirty|prev|atomic|sb-.*)"  # editors, and Office on macOS
    r"|.*\.(?:part|partial|filepart|download|crdownload|crswap)"  # transfers under way
    r"|.*\.(?:dpkg-.*|ucf-.*|rpm(?:new|save|orig)|pac(?:new|save))"  # upgrades
    r"|.*\.sync-conflict-.*|.* \(.*conflicted copy.*\).*"  # Syncthing, Dropbox
    r"|.*\.(?:ours|theirs|mine|base|local|remote|r\d+|\d+)"  # a merge's
    r"|.*\.(?:BACKUP|BASE|LOCAL|REMOTE)\..*|.*_(?:BACKUP|BASE|LOCAL|REMOTE)_\d+\..*"
    r"|.*___jb_(?:tmp|old|bak)___|4913|(?:eh)?thumbs\.db|\$RECYCLE\.BIN|desktop\.ini|Icon\r|__MACOSX|__pycache__",
    re.IGNORECASE,
)


def is_scratch(name: str) -> bool:
    """Tell whether a file or folder of this name is passed over, as hidden ones are."""
    return SCRATCH.fullmatch(name) is not None
