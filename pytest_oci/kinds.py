"""The kinds of targets: what each is called, by which specifications it is judged, and what they ask of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_oci.catalogue import Clause


ANNOTATIONS = ("conversion.annotations.", "conversion.labels.", "conversion.exposed-ports.", "config.annotations.use.")
"""How the ids of clauses begin about what becomes annotations: engines do none of it so far."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of target. `beyond` are words of a clause's needs that take another kind of target to show it.

    `writes` is the module with the `NAMES` of the layouts that targets of this kind are asked to write, each of which
    is judged as layouts are. `shown_by` is the word that the needs of its clauses have, if there is one. `besides` are
    specifications that it is judged by only where the user claims them by name. `borrows` are the markers of tests made
    for other kinds that judge this one as well. `apart` are groups of clauses that reports show by themselves: what
    they are about, and how their ids begin.
    """

    name: str
    marker: str
    specs: tuple[str, ...]
    subjects: frozenset[str]
    beyond: frozenset[str] = field(default=frozenset())
    besides: tuple[str, ...] = ()
    shown_by: str = ""
    writes: str = ""
    borrows: tuple[str, ...] = ()
    apart: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def owes(self, clause: Clause) -> bool:
        """Whether the clause binds targets of this kind, in some version and on some platform."""
        specs = (*self.specs, *self.besides)
        shown = not self.shown_by or self.shown_by in clause.needs
        return (
            shown
            and clause.subject in self.subjects
            and clause.spec in specs
            and not self.beyond.intersection(clause.needs)
        )


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("runtime", "runtime", ("runtime",), frozenset({"runtime"})),
        Kind("bundle", "bundle", ("runtime",), frozenset({"bundle"})),
        # A document owes nothing itself: it shows what those owe that write it (selection.documents_of).
        Kind("document", "document", ("runtime",), frozenset()),
        Kind(
            "converter",
            "conversion",
            ("runtime", "image"),
            frozenset({"converter", "consumer", "bundle"}),
            frozenset({"copy-tool", "client", "engine"}),
            borrows=("bundle",),
        ),
        # What an engine hands to its runtime is a bundle, converted from an image.
        Kind(
            "engine",
            "engine",
            ("runtime", "image"),
            frozenset({"converter", "consumer", "bundle"}),
            frozenset({"copy-tool", "client"}),
            borrows=("conversion", "bundle"),
            apart=(("annotations", ANNOTATIONS),),
        ),
        Kind("copier", "copier", ("image",), frozenset({"consumer"}), shown_by="copy-tool"),
        Kind("builder", "builder", ("image",), frozenset({"image"}), writes="pytest_oci.fixtures.building.recipes"),
        Kind(
            "artifact-tool",
            "artifact",
            ("image",),
            frozenset({"image"}),
            frozenset({"builder"}),
            writes="pytest_oci.fixtures.packing.requests",
        ),
        Kind("layout", "image", ("image",), frozenset({"image"}), frozenset({"builder"})),
        Kind("registry", "distribution", ("distribution",), frozenset({"registry"}), besides=("image",)),
        Kind("client", "client", ("distribution", "image"), frozenset({"client", "consumer"}), shown_by="client"),
    )
}
"""By name, which is also that of the option `--oci-NAME`."""


def specs_of(kinds: frozenset[str]) -> list[str]:
    """The specifications that targets of these kinds are judged by, or can be."""
    return sorted({spec for kind in kinds for spec in (*KINDS[kind].specs, *KINDS[kind].besides)})


def unclaimed(kinds: frozenset[str], named: Iterable[str]) -> frozenset[str]:
    """The specifications that targets of these kinds are not judged by, since nobody has claimed them by name."""
    besides = {spec for kind in kinds for spec in KINDS[kind].besides}
    return frozenset(besides.difference(named, (spec for kind in kinds for spec in KINDS[kind].specs)))
