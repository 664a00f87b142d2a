"""How likely a text is as writing that people write, in any language (see `cost`). Detection and repair ask it."""
