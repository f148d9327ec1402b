# mypy: implicit-reexport
"""Checks lock designs by exploring every interleaving.

Models, placements and properties are written with the names of `public.py`; see docs/reference.md.
They are imported when the first of them is asked for (PEP 562), so that a command which needs none
of them does not wait for them.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locking.public import *  # noqa: F403
else:

    def __getattr__(name):
        """A public name, or all of them as `__all__`. Errors: `AttributeError` for any other."""
        if not name.startswith("__") or name == "__all__":
            public = import_module("locking.public")
            names = ["__all__", *public.__all__]
            if name in names:
                globals().update({each: getattr(public, each) for each in names})
                return globals()[name]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__():
        """What the module has, with all public names."""
        return sorted({*globals(), *import_module("locking.public").__all__})


ROOT = Path(__file__).parent.parent

# In a checkout that is not installed, `locking.models` is the folder `models/` beside it.
if not Path(__file__).with_name("models").exists() and (ROOT / "models/textbook").exists():
    __path__.append(str(ROOT))  # noqa: F405
