"""What the HTML report's script says; each is translated by `lang`."""

WORDS = (
    "accept", "accepted", "all", "characters", "decided", "edits", "exception", "exceptions", "file", "files",
    "hunks", "more", "next", "none match", "of", "outlier", "page", "previous", "reject", "rejected", "repairs",
    "rule", "undecided", "whole rule", "ad", "watermark", "header", "footer", "navigation", "contact", "notice",
    "invisible", "date", "number", "place", "person", "org", "other", "mojibake", "boilerplate", "whitespace",
    "placeholder", "link", "removed", "undo", "line",
)  # fmt: skip
