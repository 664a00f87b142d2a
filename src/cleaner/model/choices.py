"""The values that rule files, configurations and the command line choose from, each list once.

Imports nothing: the command line reads it at start, where msgspec alone would cost 0.1 s.
"""

from __future__ import annotations

from typing import Literal, get_args

RemovalKind = Literal["ad", "watermark", "header", "footer", "navigation", "contact", "notice", "invisible"]
TagKind = Literal["date", "number", "place", "person", "org", "other"]
Profile = Literal["safe", "official", "novel", "corpus"]
LevelName = Literal["cautious", "normal", "aggressive"]
Annotation = Literal["none", "edits", "counts"]
RecordForm = Literal["jsonl", "jsonl.gz", "jsonl.bz2", "jsonl.xz", "jsonl.zst", "parquet"]
Engine = Literal["local", "ray"]
Fallback = Literal["error", "xml", "backslash", "replace"]
TagStyle = Literal["inline", "standoff", "none"]
LedgerLevel = Literal["full", "hash", "off"]
OutputFormat = Literal["text", "json", "jsonl", "sarif"]
Colour = Literal["auto", "always", "never"]
Language = Literal["zh", "en"]

REMOVAL: tuple[str, ...] = get_args(RemovalKind)
TAGS: tuple[str, ...] = get_args(TagKind)
