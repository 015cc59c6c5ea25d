"""A sheet of paper: shapes and words in drawing units, and a rule that no words are written over others."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

NARROW, WIDE = frozenset("iljtf.,:;'’|! ()[]"), frozenset("mwMW@%–—…")


@lru_cache(maxsize=4_096)
def width_of(words: str, size: float = 12, *, bold: bool = False) -> float:
    """About how wide words are, by the widest of the usual system fonts: rather too much than too little."""
    ems = sum(0.36 if c in NARROW else 0.95 if c in WIDE else 0.7 if c.isupper() else 0.62 for c in words)
    return ems * size * (1.1 if bold else 1)


@dataclass(frozen=True)
class Rect:
    x: float
    y: float
    width: float
    height: float
    css: str
    kind: str = "rect"


@dataclass(frozen=True)
class Path:
    d: str
    css: str
    kind: str = "path"


@dataclass(frozen=True)
class Text:
    """Words at the left, middle or end of a point on their base line; `strong` follows them in bold."""

    x: float
    y: float
    words: str
    css: str = ""
    anchor: str = "start"
    strong: str = ""
    size: float = 12
    kind: str = "text"

    @cached_property
    def width(self) -> float:
        """How much room it takes."""
        plain = width_of(self.words, self.size, bold="name" in self.css)
        return plain + (width_of(" " + self.strong, self.size, bold=True) if self.strong else 0)

    @cached_property
    def left(self) -> float:
        """Where it begins."""
        return self.x - {"start": 0.0, "middle": self.width / 2, "end": self.width}[self.anchor]

    @cached_property
    def right(self) -> float:
        """Where it ends."""
        return self.left + self.width

    def touches(self, other: "Text") -> bool:
        """Whether the two would be written over each other."""
        beside = self.right + 2 <= other.left or other.right + 2 <= self.left
        apart = abs(self.y - other.y) >= max(self.size, other.size)
        return not beside and not apart


@dataclass(frozen=True)
class Mark:
    """Something to choose: the outline `d` at (x, y). `key` tells which it is, `lane` its row."""

    x: float
    y: float
    d: str
    css: str
    key: str
    lane: str
    inner: str = ""


@dataclass
class Sheet:
    """What is drawn, back to front: ground, shapes and words, then the marks."""

    width: float
    height: float
    shapes: list[Rect | Path] = field(default_factory=list)
    over: list[Rect | Path] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def rect(self, x: float, y: float, width: float, height: float, css: str) -> None:
        """A rectangle; without any width or height nothing."""
        if width > 0 and height > 0:
            self.shapes.append(Rect(round(x, 1), round(y, 1), round(width, 1), round(height, 1), css))

    def line(self, x1: float, y1: float, x2: float, y2: float, css: str, *, over: bool = False) -> None:
        """A straight line; `over` the words' grounds, as today and the ink are."""
        path = Path(f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}", css)
        (self.over if over else self.shapes).append(path)

    def path(self, d: str, css: str) -> None:
        """Any outline."""
        self.shapes.append(Path(d, css))

    def write(self, *candidates: Text, left: float = 0, right: float | None = None) -> Text | None:
        """Writes the first of the candidates that has room between `left` and `right` and touches no other
        words; none when none has."""
        end = self.width if right is None else right
        for text in candidates:
            fits = text.left >= left - 0.5 and text.right <= end + 0.5
            if text.words and fits and not any(text.touches(other) for other in self.texts):
                self.texts.append(text)
                return text
        return None


def shortened(words: str) -> list[str]:
    """The words, and shorter and shorter beginnings of them with an ellipsis, down to three letters."""
    return [words, *(words[:n].rstrip() + "…" for n in range(len(words) - 1, 2, -1))]


# --- outlines, around their middle -------------------------------------------------------------------


def _circle(r: float) -> str:
    return f"M{-r:g} 0a{r:g} {r:g} 0 1 1 {2 * r:g} 0a{r:g} {r:g} 0 1 1 {-2 * r:g} 0z"


def _polygon(*points: tuple[float, float]) -> str:
    first, *others = [f"{x:g} {y:g}" for x, y in points]
    return f"M{first}L{'L'.join(others)}z"


def _diamond(r: float) -> str:
    s = round(r * 1.2, 2)
    return _polygon((0, -s), (s, 0), (0, s), (-s, 0))


def _triangle(r: float) -> str:
    s = round(r * 1.15, 2)
    return _polygon((0, -s), (s, round(s * 0.85, 2)), (-s, round(s * 0.85, 2)))


def _square(r: float) -> str:
    s = round(r * 0.9, 2)
    return _polygon((-s, -s), (s, -s), (s, s), (-s, s))


OUTLINES: dict[str, Callable[[float], str]] = {
    "engagement": _circle,
    "deal_involvement": _diamond,
    "coaching": _triangle,
    "partner_development": _square,
}
RADII = {1: 4.0, 2: 5.5, 3: 7.0}


def radius(points: int) -> float:
    """Size = points: one, two, and three or more."""
    return RADII[min(max(points, 1), 3)]


def outline(category: str, points: int) -> str:
    """The shape of a mark: by its category, in the size of its points."""
    return OUTLINES.get(category, _circle)(radius(points))


def ring(r: float) -> str:
    """A circle."""
    return _circle(r)


def rounded(r: float) -> str:
    """A square with round corners: the account executive's promise."""
    side = 2 * r - 5
    corner = "a2.5 2.5 0 0 1"
    return (
        f"M{-r + 2.5:g} {-r:g}h{side:g}{corner} 2.5 2.5v{side:g}{corner}-2.5 2.5h{-side:g}"
        f"{corner}-2.5-2.5v{-side:g}{corner} 2.5-2.5z"
    )


def overlapping(texts: list[Text]) -> list[tuple[str, str]]:
    """The words that stand over each other; there are none where `Sheet.write` wrote them."""
    ordered = sorted(texts, key=lambda text: (text.y, text.x))
    pairs = [(one, two) for at, one in enumerate(ordered) for two in ordered[at + 1 :]]
    return [(one.words, two.words) for one, two in pairs if one.touches(two)]
