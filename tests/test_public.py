"""The public names: `locking` has them, though it imports them only when one is asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

import locking
from locking import public


def ask(code: str) -> str:
    """What a fresh Python prints."""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_every_public_name_is_that_of_its_file() -> None:
    assert all(getattr(locking, name) is getattr(public, name) for name in public.__all__)
    assert locking.__all__ is public.__all__


def test_a_name_that_there_is_not_is_told() -> None:
    for name in ("nonsense", "__nonsense__", "ModelError"):
        with pytest.raises(AttributeError, match=f"module 'locking' has no attribute '{name}'"):
            getattr(locking, name)


def test_names_are_there_before_and_after_one_was_asked_for() -> None:
    before = "import locking; print('Cell' in dir(locking), 'Cell' in vars(locking))"
    star = "from locking import *; import sys; print(Cell is sys.modules['locking'].Cell)"
    assert [ask(before), ask(star)] == ["True False", "True"]


@pytest.mark.slow
def test_a_type_checker_sees_public_names_and_no_others(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    source = tmp_path / "uses.py"
    source.write_text(
        "import locking\nfrom locking import Cell\nCell('x', 1)\nlocking.always\nlocking.nonsense\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(source)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines() == [
        f'{source}:5: error: Module has no attribute "nonsense"  [attr-defined]',
        "Found 1 error in 1 file (checked 1 source file)",
    ]
