"""What a stage is: a module that runs jobs, and what each job is given."""

from dataclasses import dataclass, fields
from string import Formatter

from lossbasins.specs.base import Spec


@dataclass(frozen=True)
class Stage:
    """A kind of job."""

    name: str
    """That its manifests' file names begin with, and that its rule has if it has one of its own."""
    module: str
    """Dotted name of the module whose `run` does the work."""
    result: str
    """Path of the output that tells its jobs apart, with their wildcards."""
    spec: type[Spec]
    inputs: type
    """A dataclass of paths, or of tuples of paths."""
    outputs: type
    """A dataclass of paths."""
    place: str = ""
    """Where it lies, if it is one's own, with dots."""
    about: str = ""
    """Dotted name of the module that says what is done, if that is another."""
    in_parts: bool = False
    """Whether it makes parts of what tables read, and so no target of the study."""

    @property
    def full_name(self) -> str:
        """In manifests and on the command line."""
        return self.place or self.name

    @property
    def wildcards(self) -> list[str]:
        """Of its result, but for the study."""
        return [name for _, name, _, _ in Formatter().parse(self.result) if name and name != "study"]

    def results(self) -> list[str]:
        """The table or the drawing in all its formats, with wildcards; of another stage its one result."""
        stem, _, suffix = self.result.rpartition(".")
        formats = [field.name for field in fields(self.outputs) if field.name in FORMATS]
        return [f"{stem}.{name}" for name in formats] if suffix in formats else [self.result]


FORMATS = ("csv", "md", "tex", "pdf", "svg", "png")
"""Outputs of tables and drawings, named as their suffixes."""
