"""Add the pages of the site that lie outside `docs/site`: glossary, decisions, changelog (a hook of mkdocs)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.structure.files import Files

DOCS = Path(__file__).parent
CHANGELOG = DOCS.parent / "CHANGELOG.md"


def on_files(files: Files, config: Any, **_: Any) -> Files:
    from mkdocs.structure.files import File

    for path in (DOCS / "glossary.md", *sorted(DOCS.glob("decisions/*.md"))):
        files.append(File.generated(config, path.relative_to(DOCS).as_posix(), abs_src_path=str(path)))
    # the repository's page of rules is a page of the site under another name
    changes = CHANGELOG.read_text("utf-8").replace("(docs/rules.md)", "(reference/rules.md)")
    files.append(File.generated(config, "changelog.md", content=changes))
    return files
