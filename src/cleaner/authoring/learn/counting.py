"""The first pass over a folder: in how many files a line or a window of letters stands, within fixed memory.

Counts are kept by hash in arrays of one size (about 170 MB), whatever the folder holds: two things with one hash make a
count too large, never too small, and the second pass counts exactly. Files that are copies of one work count once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .folded import NEWLINE, Folded, line_hashes, short_words, windows

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, Any]

LINE_BITS, WINDOW_BITS, PAIR_BITS = 24, 26, 23
SKETCH = 24  # of the smallest hashes of its lines stand for a file
SHORTEST = 8  # letters of a line that may stand for a file
SAME, SAME_REST = 0.8, 0.5  # share of two sketches, of all and of what is not in half of the files
CROWD = 64  # files with one hash that are compared with each other
MOST_CANDIDATES = 400_000  # hashes that the second pass may look at


class Counts:
    """Filled file by file with `add`; `finish` finds the copies."""

    def __init__(self) -> None:
        import numpy as np

        self.files = 0
        self.empty = 0  # files without a letter, which are none
        self.lines = np.zeros(1 << LINE_BITS, np.uint16)
        self.windows = np.zeros(1 << WINDOW_BITS, np.uint8)
        self.single = np.zeros(1 << 16, np.int64)
        self.pairs = np.zeros(1 << PAIR_BITS, np.uint32)
        self.sketches: list[Array] = []

    def add(self, folded: Folded) -> None:
        """Count one file."""
        import numpy as np

        hashes, lengths = line_hashes(folded), folded.ends - folded.starts
        lines = np.concatenate((hashes[lengths > 0], short_words(folded)[1]))
        _raise(self.lines, np.unique(lines >> np.uint64(64 - LINE_BITS)))
        _, _, keys = windows(folded)
        _raise(self.windows, np.unique(keys >> np.uint64(64 - WINDOW_BITS)))
        codes = np.frombuffer(folded.text.encode("utf-32-le", "replace"), np.uint32)
        self.single += np.bincount(np.minimum(codes, 0xFFFF), minlength=1 << 16)
        if codes.size > 1:
            cells, often = np.unique(self._pair(codes[:-1], codes[1:]), return_counts=True)
            self.pairs[cells] += often.astype(np.uint32)
        self.empty += not bool((folded.letters != NEWLINE).any())
        long = hashes[lengths >= SHORTEST]
        self.sketches.append(np.unique(long)[:SKETCH])
        self.files += 1

    def _pair(self, left: Any, right: Any) -> Any:
        import numpy as np

        key = np.asarray(left, np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.asarray(right, np.uint64)
        return (key * np.uint64(0xBF58476D1CE4E5B9)) >> np.uint64(64 - PAIR_BITS)

    def together(self, left: str, right: str, own: int = 0) -> float:
        """How much more often two characters stand together than chance would have it, as a logarithm."""
        from math import log

        a, b = min(ord(left), 0xFFFF), min(ord(right), 0xFFFF)
        seen = max(int(self.pairs[int(self._pair([a], [b])[0])]) - own, 0)
        chance = float(self.single[a]) * float(self.single[b]) / max(1, int(self.single.sum()))
        return log((seen + 0.5) / (chance + 0.5))

    def least(self, wished: int) -> int:
        """In how many files something has to stand: `wished`, or more where too much would be looked at."""
        import numpy as np

        often: Any = sum(np.bincount(part, minlength=256) for part in np.split(self.windows, 64))
        for least in range(wished, 255):
            if int(often[least:].sum()) <= MOST_CANDIDATES:
                return least
        return 255

    def with_hash(self, hashes: Array) -> Array:
        """In how many files each line or short word stands."""
        import numpy as np

        return np.asarray(self.lines[(hashes >> np.uint64(64 - LINE_BITS)).astype(np.int64)])

    def hot_lines(self, folded: Folded, hashes: Array, least: int) -> Array:
        """For each line in how many files it stands, 0 below `least`."""
        import numpy as np

        found = self.with_hash(hashes)
        return np.where((found >= least) & (folded.ends > folded.starts), found, 0)

    def in_files(self, windows: Array) -> Array:
        """In how many files each window stands, 255 for more."""
        import numpy as np

        return np.asarray(self.windows[(windows >> np.uint64(64 - WINDOW_BITS)).astype(np.int64)])

    def works(self) -> list[int]:
        """The number of the work of each file: copies of one work have one number."""
        import numpy as np

        work = list(range(self.files))

        def root(file: int) -> int:
            while work[file] != file:
                work[file] = work[work[file]]
                file = work[file]
            return file

        if not self.files:
            return work
        owner = np.repeat(np.arange(self.files), [len(one) for one in self.sketches])
        keys = np.concatenate(self.sketches)
        order = np.argsort(keys, kind="stable")
        keys, owner = keys[order], owner[order]
        first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        sizes = np.diff(np.append(first, keys.size))
        common = set(keys[first[sizes * 2 > self.files]].tolist())
        first, sizes = first[sizes > 1], sizes[sizes > 1]
        seen: set[tuple[int, int]] = set()
        for start, size in zip(first.tolist(), sizes.tolist(), strict=True):
            group = owner[start : start + min(size, CROWD)].tolist()
            pairs = (
                [(group[0], other) for other in group[1:]]
                if size > 8
                else [(a, b) for n, a in enumerate(group) for b in group[n + 1 :]]
            )
            for a, b in pairs:
                if (a, b) not in seen and root(a) != root(b) and _copies(self._sketch(a), self._sketch(b), common):
                    work[root(b)] = root(a)
                seen.add((a, b))
        return [root(file) for file in range(self.files)]

    def _sketch(self, file: int) -> frozenset[int]:
        return frozenset(self.sketches[file].tolist())

    def save(self, path: Path, names: str) -> None:
        """Keep what was counted, to go on from there; `names` says of which files."""
        import numpy as np

        sketches = np.concatenate(self.sketches) if self.sketches else np.zeros(0, np.uint64)
        sizes = np.array([len(one) for one in self.sketches], np.int64)
        aside = path.with_name(path.name + ".tmp")
        with aside.open("wb") as out:
            np.savez(out, names=np.frombuffer(names.encode(), np.uint8), lines=self.lines, windows=self.windows,
                     single=self.single, pairs=self.pairs, sketches=sketches, sizes=sizes,
                     empty=self.empty)  # fmt: skip
        aside.replace(path)

    @classmethod
    def load(cls, path: Path, names: str) -> Counts:
        """What `save` kept of the same files, else nothing."""
        import numpy as np

        counts = cls()
        try:
            with np.load(path, allow_pickle=False) as kept:
                if kept["names"].tobytes().decode() != names:
                    return counts
                for name in ("lines", "windows", "single", "pairs"):
                    getattr(counts, name)[:] = kept[name]
                counts.sketches = np.split(kept["sketches"], np.cumsum(kept["sizes"])[:-1])
                counts.files, counts.empty = len(kept["sizes"]), int(kept["empty"])
        except (OSError, ValueError, KeyError, EOFError):
            return cls()
        return counts


def _raise(counts: Array, cells: Array) -> None:
    import numpy as np

    cells = cells.astype(np.int64)
    counts[cells] += counts[cells] < np.iinfo(counts.dtype).max


def _copies(one: frozenset[int], other: frozenset[int], common: set[int]) -> bool:
    if len(one & other) >= SAME * min(SKETCH, max(len(one), len(other))) and len(one) > 2:
        return True
    rare, rest = one - common, other - common
    return min(len(rare), len(rest)) > 2 and len(rare & rest) >= SAME_REST * min(len(rare), len(rest))
