"""Drawing the halves: team by team, from a seed, the same for ever. No database here."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from hashlib import sha256

SMALL = 4  # people; in a smaller team one half would be a person or nobody
FEWEST = 10  # people in each half

Half = tuple[int, int, bool]  # person, stratum, whether they get the nudge


def strata(team_of: Mapping[int, int]) -> dict[int, int]:
    """For each person the team within which the halves are drawn: their own, or, of all small teams together,
    the first; should those be few people as well, the smallest of the other teams takes them in."""
    sizes = Counter(team_of.values())
    small = sorted(team for team, size in sizes.items() if size < SMALL)
    large = sorted((team for team in sizes if team not in small), key=lambda team: (sizes[team], team))
    if not small:
        return dict(team_of)
    too_few = large and sum(sizes[team] for team in small) < SMALL
    home = large[0] if too_few else small[0]
    return {person: home if team in small else team for person, team in team_of.items()}


def draw(stratum_of: Mapping[int, int], seed: int) -> list[Half]:
    """Each person with their half, by stratum and person.

    In each stratum people stand in the order of a hash of seed and person, and the first half gets the nudge.
    Of an odd number, one more or one less does in turn, so that the halves differ by one person at most.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for person, stratum in stratum_of.items():
        members[stratum].append(person)
    more = False
    halves: list[Half] = []
    for stratum in _shuffled(members, seed, "stratum"):
        people = _shuffled(members[stratum], seed, "person")
        size = len(people) // 2
        if len(people) % 2:
            more = not more
            size += more
        halves += [(person, stratum, place < size) for place, person in enumerate(people)]
    return sorted(halves, key=lambda half: (half[1], half[0]))


def _shuffled(keys: Iterable[int], seed: int, what: str) -> list[int]:
    """In an order that follows from the seed alone, on every machine and in every version."""
    return sorted(keys, key=lambda key: sha256(f"{seed}:{what}:{key}".encode()).digest())


def digest(halves: Iterable[Half], seed: int) -> str:
    """What tells these halves, and this seed, from all others."""
    return sha256(repr((seed, sorted(halves))).encode()).hexdigest()
