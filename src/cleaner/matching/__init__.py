"""What is compiled from rule files, and how the lines on which a rule may match are found.

All that the other rooms use of it is exported here; an engine that replaces it has to offer no more:

- `load_ruleset`: rule files in, a `RuleSet` out. A `RuleSet` holds the rules that are on, in their
  order, and a `Program`: what its `Prefilter` looks for in blocks, and the rules that each hit makes candidates.
- `Rule`: one rule, immutable: `spans` (matches in a text and what replaces them), `replacements` (the same for
  sequential packs), `pattern`, `unless` and `context`. `RuleTimeout`: a match took too long.
- `Prefilter`, `search_of`: one for rules that are not looked for in every text.
- `NewlineView`, `NormalizedText` with `DEOBFUSCATIONS`: the texts that rules match, with the way back to the source.
- `Sides`, `compiled`, `seconds_for`: the parts of a context pattern, and how they are matched.
- `has_prefix`, `unknown_rule`: rule ids as users name them.
"""

from .normalize import DEOBFUSCATIONS, NewlineView, NormalizedText
from .patterns import compiled, seconds_for
from .prefilter import Prefilter
from .rule import Rule, RuleTimeout
from .ruleset import LEVELS, Level, Override, RuleSet, has_prefix, load_ruleset, unknown_rule
from .sides import Sides
from .triggers import Program, Trigger, search_of

__all__ = [
    "DEOBFUSCATIONS",
    "LEVELS",
    "Level",
    "NewlineView",
    "NormalizedText",
    "Override",
    "Prefilter",
    "Program",
    "Rule",
    "RuleSet",
    "RuleTimeout",
    "Sides",
    "Trigger",
    "compiled",
    "has_prefix",
    "load_ruleset",
    "search_of",
    "seconds_for",
    "unknown_rule",
]  # fmt: skip
