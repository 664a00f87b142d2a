"""Add the project's URLs to its metadata when the build knows them.

The repository has no address of its own written down: a forge names it in `GITHUB_SERVER_URL` and `GITHUB_REPOSITORY`.
A build elsewhere has no URLs rather than wrong ones.
"""

from __future__ import annotations

import os
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Urls(MetadataHookInterface):
    def update(self, metadata: dict[str, Any]) -> None:
        repository = os.environ.get("GITHUB_REPOSITORY")
        if not repository:
            metadata["urls"] = {}
            return
        source = f"{os.environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{repository}"
        metadata["urls"] = {
            "Source": source,
            "Issues": f"{source}/issues",
            "Changelog": f"{source}/blob/HEAD/CHANGELOG.md",
            "Documentation": f"{source}/blob/HEAD/docs/site/index.md",
        }
