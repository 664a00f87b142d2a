"""What is compiled from rule files, and how the lines on which a rule may match are found.

All that the other rooms use of it is exported here; an engine that replaces it has to offer no more:

- `load_ruleset`, `builtin_packs`: rule files in, a `RuleSet` out. A `RuleSet` holds the rules that are on, in their
  order, and a `Program`: the triggers that a `Prefilter` scans blocks for, and the rules that each makes candidates.
- `Rule`: one rule, immutable: `spans` (matches in a text and what replaces them), `replacements` (the same for
  sequential packs), `pattern`, `unless`, `context` and `required`. `RuleTimeout`: a match took too long.
- `build_prefilter`, `literal_triggers`: a prefilter for rules that are not scanned for in every text.
- `NewlineView`, `NormalizedText` with `DEOBFUSCATIONS`: the texts that rules match, with the way back to the source.
- `Sides`, `compiled`, `seconds_for`: the parts of a context pattern, and how they are matched.
- `has_prefix`, `unknown_rule`: rule ids as users name them. `cache_folder`: where compiled expressions are kept.
"""

from .match_limit import seconds_for
from .normalize import DEOBFUSCATIONS, NewlineView, NormalizedText
from .prefilter import Prefilter, make_prefilter
from .prefilter.compiled import compiled
from .prefilter.disk_cache import folder as cache_folder
from .prefilter.sides import Sides
from .rule import Rule, RuleTimeout
from .ruleset import LEVELS, Level, Override, RuleSet, builtin_packs, has_prefix, load_ruleset, unknown_rule
from .triggers import Program, Trigger, build_prefilter, literal_triggers

__all__ = [
    "DEOBFUSCATIONS", "LEVELS", "Level", "NewlineView", "NormalizedText", "Override", "Prefilter", "Program", "Rule",
    "RuleSet", "RuleTimeout", "Sides", "Trigger", "build_prefilter", "builtin_packs", "cache_folder", "compiled",
    "has_prefix", "literal_triggers", "load_ruleset", "make_prefilter", "seconds_for", "unknown_rule",
]  # fmt: skip
