"""Makes `tools` and `benchmarks` importable without the checkout on the path, where it shadows what is installed."""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]

for name in ("tools", "benchmarks"):
    if name not in sys.modules:
        package = CHECKOUT / name
        spec = spec_from_file_location(name, package / "__init__.py", submodule_search_locations=[str(package)])
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
