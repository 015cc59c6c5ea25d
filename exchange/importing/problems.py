"""What is wrong with a file, told so that its owner can mend it."""

from dataclasses import asdict, dataclass

# A file with more than this is wrong in one way many times over; the first ones tell which.
MOST = 200


@dataclass(frozen=True)
class Problem:
    """One thing wrong: on which line of the file (1 is the header), in which column, and why."""

    line: int
    column: str
    reason: str

    def as_dict(self) -> dict[str, object]:
        """For the table of import runs."""
        return asdict(self)

    def __str__(self) -> str:
        place = f"line {self.line}" + (f", column “{self.column}”" if self.column else "")
        return f"{place}: {self.reason}"


class FileRefused(Exception):  # noqa: N818 - an answer, not a fault
    """The file is not taken, and nothing was changed. `problems` holds at least one, in file order."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems[:3]))
        self.problems = problems


class Complaints:
    """Collects problems; `refuse` raises when there are any."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, line: int, column: str, reason: str) -> None:
        """Notes one, once, up to the number that still helps."""
        problem = Problem(line, column, reason)
        if len(self.found) < MOST and problem not in self.found:
            self.found.append(problem)

    def refuse(self) -> None:
        """Raises FileRefused if anything is wrong so far."""
        if self.found:
            raise FileRefused(self.found)
