"""Write the compiled expressions into the package, and the project's URLs into its metadata when the build knows them.

The repository has no address of its own written down: a forge names it in `GITHUB_SERVER_URL` and `GITHUB_REPOSITORY`.
A build elsewhere has no URLs rather than wrong ones.
"""

from __future__ import annotations

import compileall
import os
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
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


class CompiledRules(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        sys.path[:0] = [self.root, os.path.join(self.root, "src")]
        try:
            from tools.compile_rules import write
        except ImportError as error:  # without build isolation; the package only starts more slowly
            self.app.display_warning(f"the built-in rules are not compiled: {error}")
        else:
            write()
            if version == "editable":  # pip compiles what it copies, not a checkout: each start would
                compileall.compile_dir(os.path.join(self.root, "src"), quiet=1)
        finally:
            del sys.path[:2]
