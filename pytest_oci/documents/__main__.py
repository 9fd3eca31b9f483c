"""Print the JSON Schema of a wire document: `python -m pytest_oci.documents config`."""

import argparse
import json
import sys

from pytest_oci.documents import DOCUMENTS, json_schema


def main(arguments: list[str] | None = None) -> int:
    """Write one schema, or all of them as an object by kind, to standard output."""
    parser = argparse.ArgumentParser(prog="python -m pytest_oci.documents", description=__doc__)
    parser.add_argument("kind", nargs="?", choices=sorted(DOCUMENTS), help="default: all, by kind")
    kind = parser.parse_args(arguments).kind
    schema = json_schema(kind) if kind else {name: json_schema(name) for name in DOCUMENTS}
    json.dump(schema, sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
