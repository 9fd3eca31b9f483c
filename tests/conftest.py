"""What all of the project's own tests share.

`tools` is importable without the checkout on the import path, where it would shadow the installed package.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

pytest_plugins = ("pytester",)
PACKAGE = Path(__file__).resolve().parents[1] / "tools"

if "tools" not in sys.modules:
    spec = spec_from_file_location("tools", PACKAGE / "__init__.py", submodule_search_locations=[str(PACKAGE)])
    assert spec is not None
    assert spec.loader is not None
    sys.modules["tools"] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules["tools"])
