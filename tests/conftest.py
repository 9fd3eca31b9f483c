"""What all of the project's own tests share.

`tools` and `benchmarks` are importable without the checkout on the path, where it would shadow the installed package.
"""

import signal
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

pytest_plugins = ("pytester",)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # As for what a shell runs in the background; programs that tests start and interrupt would not notice.
    signal.signal(signal.SIGINT, signal.default_int_handler)
CHECKOUT = Path(__file__).resolve().parents[1]

for name in ("tools", "benchmarks"):
    if name not in sys.modules:
        package = CHECKOUT / name
        spec = spec_from_file_location(name, package / "__init__.py", submodule_search_locations=[str(package)])
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
