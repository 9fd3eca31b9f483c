"""The commands of the programme: `init`, `certify`, `verify`, `review`, `attest`; and `junit`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_oci.certification.findings import shown
from pytest_oci.certification.options import add_product_options, given_options, product_arguments, refuse_selection
from pytest_oci.certification.trouble import CertificationError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from pytest_oci.certification.findings import Point
    from pytest_oci.certification.product import Product
    from pytest_oci.certification.submission import Submission

INTERRUPTED = 2
USAGE_ERROR = 4
NOT_HELD = 1


def add_commands(commands: Any) -> None:
    """Declare the commands on the subparsers of `pytest-oci`."""
    _add_init(commands)
    certifying = commands.add_parser(
        "certify", help="run the suite hermetically and write the submission folder", allow_abbrev=False
    )
    certifying.add_argument("--product", required=True, type=Path, metavar="PRODUCT.yaml", help="what the product is")
    certifying.add_argument(
        "-o", "--output", type=Path, default=Path(), metavar="DIR", help="where the folder is put (.)"
    )
    certifying.add_argument("-n", "--workers", default="", metavar="N", help="processes to run with (pytest-xdist)")
    certifying.add_argument("--merge", nargs="+", type=Path, metavar="LEDGER", help="join ledgers of several hosts")
    certifying.add_argument("--embeds", type=Path, metavar="FOLDER", help="the product contains the one of this folder")
    certifying.add_argument("--binary", type=Path, metavar="FILE", help="with --embeds: the binary that is shipped")
    certifying.set_defaults(command=_guarded(certify), takes_more=True)
    add_product_options(certifying)
    verifying = commands.add_parser(
        "verify", help="recompute a submission's verdict and find what was changed", allow_abbrev=False
    )
    verifying.add_argument("folder", type=Path, metavar="FOLDER")
    verifying.add_argument("--key", type=Path, metavar="PUBLIC.pem", help="who has to have signed the attestation")
    verifying.add_argument("--rerun", action="store_true", help="run the product at hand and compare clause by clause")
    verifying.add_argument("-n", "--workers", default="", metavar="N", help="processes to run with (pytest-xdist)")
    verifying.set_defaults(command=_guarded(verify), takes_more=True)
    add_product_options(verifying)
    reviewing = commands.add_parser("review", help="print the reviewer's checklist with each point decided")
    reviewing.add_argument("folder", type=Path, metavar="FOLDER")
    reviewing.add_argument("--key", type=Path, metavar="PUBLIC.pem", help="who has to have signed the attestation")
    reviewing.set_defaults(command=_guarded(review))
    attesting = commands.add_parser("attest", help="write an in-toto statement about the product, as an OCI artifact")
    attesting.add_argument("folder", type=Path, metavar="FOLDER")
    attesting.add_argument("--key", type=Path, metavar="PRIVATE.pem", help="sign it with this Ed25519 key")
    attesting.set_defaults(command=_guarded(attest))
    writing = commands.add_parser("junit", help="write junit.xml from the ledgers of a product's runs")
    writing.add_argument("ledgers", nargs="+", type=Path, metavar="LEDGER", help="a ledger; of several each is a suite")
    writing.add_argument("-o", "--output", type=Path, default=Path("junit.xml"), metavar="FILE", help="%(default)s")
    writing.add_argument(
        "--strict",
        action="store_true",
        help="as the schema of Jenkins' xUnit plugin has it: what the properties of cases say stands in their output",
    )
    writing.set_defaults(command=_guarded(junit))


def _guarded(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """The command with its usage errors told in one line."""

    def guarded(options: argparse.Namespace) -> int:
        try:
            refuse_selection(getattr(options, "unknown", ()))
            return command(options)
        except CertificationError as error:
            sys.stderr.write(f"pytest-oci: {error}\n")
            return USAGE_ERROR
        except KeyboardInterrupt:
            sys.stderr.write("pytest-oci: interrupted\n")
            return INTERRUPTED

    return guarded


def _add_init(commands: Any) -> None:
    from pytest_oci.certification.product import FIELDS

    parser = commands.add_parser("init", help="write PRODUCT.yaml from options, or from answers to questions")
    parser.add_argument("-o", "--output", type=Path, default=Path("PRODUCT.yaml"), metavar="FILE")
    for one in FIELDS:
        parser.add_argument(f"--{one.name.replace('_', '-')}", dest=one.name, help=one.question)
    parser.add_argument("--contact", action="append", default=[], metavar="NAME <EMAIL>", help="whom to write to")
    parser.add_argument("--intended-date", metavar="YYYY-MM-DD", help="the day on which you mean to submit")
    parser.set_defaults(command=_guarded(init))


def init(options: argparse.Namespace) -> int:
    """`init`."""
    from pytest_oci.certification.applying import apply

    apply(options)
    sys.stdout.write(
        f"{options.output} is written; next: pytest-oci certify --product {options.output} --runtime PATH\n"
    )
    return 0


def certify(options: argparse.Namespace) -> int:
    """`certify`."""
    from pytest_oci.certification.checking import check_ledgers
    from pytest_oci.certification.ledgers import join, open_ledger
    from pytest_oci.certification.product import read_product
    from pytest_oci.certification.reproducing import run_product
    from pytest_oci.certification.submission import NO_PAGE, REPORT, Submission, write_submission
    from pytest_oci.conditions import disturbing
    from pytest_oci.verdict import CONFORMANT

    product = read_product(options.product)
    if options.binary is not None and options.embeds is None:
        raise CertificationError("--binary FILE goes with --embeds FOLDER")
    if options.embeds is not None:
        submission = _embedding(product, options)
    else:
        if options.merge and (given := [name for name in given_options(options) if name != "deviations"]):
            raise CertificationError(f"--{given[0]}: what is joined was judged already")
        ledgers = [open_ledger(path) for path in options.merge or ()]
        if not ledgers:
            demonstration = product.values.get("demonstration", "")
            ledgers = [run_product(product_arguments(options), options.workers, demonstration)]
        for ledger in ledgers:
            if (
                told := disturbing(ledger.header["conditions"])
                if "conditions" in ledger.header
                else ["unknown conditions"]
            ):
                raise CertificationError(f"{ledger.name} was not made by certify: {'; '.join(told)}")
        submission = Submission(product, join(ledgers), _deviations(options))
        if options.merge:
            _told(check_ledgers(submission), "what is joined")
    if missing := submission.joined.unaccounted:
        raise CertificationError(f"{len(missing)} absolute clauses have no result: {', '.join(missing[:5])}")
    folder = write_submission(submission, options.output)
    if submission.page is None:
        sys.stderr.write(f"pytest-oci: there is no {REPORT}: {NO_PAGE}\n")
    verdict = submission.joined.verdict
    sys.stdout.write(f"{product.watermark}\n" if product.watermark else "")
    sys.stdout.write(f"{folder}: {verdict.word}\n" + "".join(f"  {reason}\n" for reason in verdict.reasons))
    return 0 if verdict.word == CONFORMANT else NOT_HELD


def _embedding(product: Product, options: argparse.Namespace) -> Submission:
    """The submission of a product that contains another one, whose folder has to verify and to be conformant."""
    from pytest_oci.certification.checking import check_submission
    from pytest_oci.certification.embedding import embed
    from pytest_oci.certification.submission import Submission, read_submission

    if options.binary is None or options.merge:
        raise CertificationError("--embeds FOLDER goes with --binary FILE, the binary that the product ships")
    if given := given_options(options):
        raise CertificationError(f"--{given[0]}: what is embedded was judged already")
    _told(check_submission(options.embeds), options.embeds)
    contained = read_submission(options.embeds)
    if contained.embedded is not None:
        raise CertificationError(f"{options.embeds} contains {contained.embedded['product']}: name the folder of that")
    if contained.product.watermark and not product.watermark:
        raise CertificationError(f"{options.embeds} is a demonstration: no product rests on it")
    stated = embed(contained.product, contained.joined, options.binary)
    return Submission(product, contained.joined, contained.deviations, stated)


def _deviations(options: argparse.Namespace) -> bytes | None:
    path = options.given_oci_deviations
    try:
        return Path(path).read_bytes() if path else None
    except OSError as error:
        raise CertificationError(f"the deviations file {path} cannot be read: {error.strerror}") from None


def _told(points: Sequence[Point], what: Path | str) -> None:
    wrong = [shown(text) for point in points for text in point.wrong]
    if wrong:
        raise CertificationError(f"{what} does not verify: {'; '.join(wrong[:3])}")


def _checked(folder: Path, key: Path | None) -> list[Point]:
    from pytest_oci.certification.attestation import check_attestation
    from pytest_oci.certification.checking import check_submission
    from pytest_oci.certification.submission import read_submission

    points = check_submission(folder)
    if key is not None and len(points) > 1:
        signed = check_attestation(folder, read_submission(folder), key)
        points = [*(point for point in points if point.name != signed.name), signed]
    return points


def verify(options: argparse.Namespace) -> int:
    """`verify`: 0 if every point held, 1 if one did not."""
    from pytest_oci.certification.submission import read_submission

    if not options.rerun and (given := given_options(options)):
        raise CertificationError(f"--{given[0]} goes with --rerun: without it nothing is run")
    points = _checked(options.folder, options.key)
    for point in points:
        opened = f": {shown(point.open)}" if point.decided == "open" else ""
        sys.stdout.write(f"{point.decided:5} {point.name}{opened}\n")
        sys.stdout.write("".join(f"      {shown(text)}\n" for text in point.wrong))
    broken = any(point.wrong for point in points)
    if len(points) > 1:
        submission = read_submission(options.folder)
        sys.stdout.write(f"{shown(submission.product.watermark)}\n" if submission.product.watermark else "")
        sys.stdout.write(f"recomputed: {'void' if broken else submission.joined.verdict.word}\n")
    if options.rerun and len(points) > 1:
        broken |= _rerun(options)
    return NOT_HELD if broken else 0


def _rerun(options: argparse.Namespace) -> bool:
    """Run the product again; whether a clause differs, or none came back."""
    from pytest_oci.certification.reproducing import DIFFERS, REPRODUCED, counts, run_again
    from pytest_oci.certification.submission import read_submission

    compared = run_again(read_submission(options.folder).joined, product_arguments(options), options.workers)
    for one in compared:
        if one.word != REPRODUCED:
            sys.stdout.write(f"{one.word:21} {shown(one.clause)}: {one.submitted} there, {one.here} here\n")
    found = counts(compared)
    sys.stdout.write("".join(f"{word}: {number}\n" for word, number in sorted(found.items())))
    return bool(found[DIFFERS]) or not found[REPRODUCED]


def review(options: argparse.Namespace) -> int:
    """`review`: as `verify`, as the list that a reviewer puts under a submission."""
    from pytest_oci.certification.review import checklist
    from pytest_oci.certification.submission import read_submission

    points = _checked(options.folder, options.key)
    sys.stdout.write(checklist(points, read_submission(options.folder) if len(points) > 1 else None))
    return NOT_HELD if any(point.wrong for point in points) else 0


def attest(options: argparse.Namespace) -> int:
    """`attest`."""
    from pytest_oci.certification.attestation import write_attestation
    from pytest_oci.certification.checking import check_submission
    from pytest_oci.certification.submission import read_submission

    _told([point for point in check_submission(options.folder) if "attestation" not in point.name], options.folder)
    place = write_attestation(options.folder, read_submission(options.folder), options.key)
    sys.stdout.write(f"{place}: push {place / 'layout'} beside the image\n")
    return 0


def junit(options: argparse.Namespace) -> int:
    """`junit`."""
    from pytest_oci.certification.junit import junit_xml
    from pytest_oci.certification.ledgers import join, open_ledger

    data = junit_xml(join(map(open_ledger, options.ledgers)), strict=options.strict)
    try:
        options.output.write_bytes(data)
    except OSError as error:
        raise CertificationError(f"{options.output} cannot be written: {error.strerror}") from None
    sys.stdout.write(f"{options.output}\n")
    return 0
