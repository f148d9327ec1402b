"""A plain checkout, into which the package was not installed, has its models."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

ASK = """
import sys
sys.meta_path[:] = [each for each in sys.meta_path if "ditable" not in str(each)]
import locking, locking.models
print(locking.models.__file__)
from locking.cli.main import main
sys.exit(main(["check", "textbook.lost_update"]))
"""


def test_the_models_beside_the_package_are_those_of_the_package(tmp_path: Path) -> None:
    for folder in ("locking", "models"):
        (tmp_path / folder).symlink_to(ROOT / folder, target_is_directory=True)
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", ASK]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == str(tmp_path / "models" / "__init__.py")


def test_a_package_that_has_its_models_looks_nowhere_else(tmp_path: Path) -> None:
    """As an installed one: a folder beside it that is called so is somebody else's."""
    (tmp_path / "locking").mkdir()
    for part in (ROOT / "locking").iterdir():
        (tmp_path / "locking" / part.name).symlink_to(part)
    (tmp_path / "locking" / "models").symlink_to(ROOT / "models", target_is_directory=True)
    (tmp_path / "models" / "textbook").mkdir(parents=True)
    ask = f"{ASK.split('from')[0]}print(len(locking.__path__))"
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=tmp_path, env=env, capture_output=True, text=True
    )
    own = str(tmp_path / "locking" / "models" / "__init__.py")
    assert done.stdout.splitlines() == [own, "1"], done.stderr
