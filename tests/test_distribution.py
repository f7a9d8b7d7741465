"""What is built for users is complete, and holds nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from email.parser import BytesParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_package_and_its_licence_alone(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    sources = {str(each.relative_to(ROOT)) for each in (ROOT / "tiktok_shop_async").rglob("*.py")}
    pages = {
        str(each.relative_to(ROOT))
        for each in (ROOT / "tiktok_shop_async" / "sandbox" / "web" / "pages").iterdir()
        if each.suffix in {".css", ".html", ".svg"}
    }
    data = {f"tiktok_shop_async/{name}" for name in ("migration.json", "py.typed", "sandbox/openapi.json")}
    expected = sources | pages | data
    assert {name for name in names if ".dist-info/" not in name} == expected
    assert any(name.endswith("/LICENSE") for name in names)


def test_the_wheel_asks_for_four_packages_and_names_its_extras(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (name,) = (each for each in archive.namelist() if each.endswith("/METADATA"))
    metadata = BytesParser().parsebytes(archive.read(name))
    required = [each for each in metadata.get_all("Requires-Dist", []) if "extra ==" not in each]
    assert sorted(each.split(">")[0].split("<")[0] for each in required) == ["anyio", "attrs", "httpx", "msgspec"]
    assert metadata.get_all("Provides-Extra") == ["aiohttp", "diff", "encryption", "redis", "sandbox"]


def test_the_wheel_runs_from_a_place_of_its_own(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import tiktok_shop_async, tiktok_shop_async.api.orders\n"
        "from tiktok_shop_async.models import OrderPage\n"
        "from tiktok_shop_async.sandbox.spec import bundled_spec\n"
        "assert bundled_spec()\n"
        "print(tiktok_shop_async.__file__)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert Path(done.stdout.strip()).is_relative_to(tmp_path)
