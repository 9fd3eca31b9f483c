"""Screenshots of pages, for desktop and phone, light and dark: `python3 -m tools.screenshots PAGE... -o DIRECTORY`.

Of each page its top and, for a report, an unfolded clause. Needs Chromium (Debian's package `chromium`).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.chromium import Chromium, find_chromium

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
PLACES = {
    "top": "scrollTo(0, 0)",
    "filters": "document.getElementById('filters').scrollIntoView()",
    "clause": "(() => { const found = document.querySelector('details.keeps'); if (!found) return; "
    "found.open = true; found.scrollIntoView(); scrollBy(0, -320); })()",
}


def main() -> int:
    """Take them; 4 where there is no browser."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("pages", nargs="+", type=Path, metavar="PAGE")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIRECTORY")
    options = parser.parse_args()
    program = find_chromium()
    if program is None:
        sys.stderr.write("there is no Chromium on PATH: install Debian's package chromium\n")
        return 4
    options.output.mkdir(parents=True, exist_ok=True)
    with Chromium(program) as browser:
        for page in options.pages:
            for size, (width, height) in SIZES.items():
                for colours in ("light", "dark"):
                    browser.open(page, width=width, height=height, dark=colours == "dark")
                    for place, script in PLACES.items():
                        browser.run(script)
                        path = options.output / f"{page.stem}-{size}-{colours}-{place}.png"
                        browser.screenshot(path)
                        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
