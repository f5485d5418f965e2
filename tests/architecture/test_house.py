"""Conventions of the house that no linter knows."""

import ast
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import SEEDS

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "analytics", "backtests", "riskmgmt", "trading")
GROUND = ("config", "core", "notifications")
VAGUE_NAMES = {"utils", "helpers", "common", "misc", "util", "helper"}
MOST_LINES = 400


def _sources() -> Iterator[Path]:
    folders = [ROOT / app for app in APPS] + [ROOT / "platform" / app for app in GROUND]
    for folder in folders:
        yield from sorted(path for path in folder.rglob("*.py") if "migrations" not in path.parts)


def _shown(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_what_migrations_seed_is_seeded_again_for_transactional_tests() -> None:
    again = {name for migrations in SEEDS.values() for name in migrations}
    seeding = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for app in APPS
        for path in (ROOT / app).rglob("migrations/*.py")
        if "\ndef seed(" in path.read_text()
    }
    assert seeding == again


def test_the_standard_librarys_platform_module_is_not_shadowed() -> None:
    assert Path(str(platform.__file__)).parent != ROOT / "platform"
    output = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.system())"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert output.stdout.strip() == platform.system()


def test_platform_is_a_plain_folder() -> None:
    loose = [path for path in (ROOT / "platform").iterdir() if path.suffix == ".py"]
    assert not loose, f"platform/ would become a package or a module: {_shown(loose)}"


@pytest.mark.parametrize("name", [*APPS, *GROUND])
def test_no_package_is_named_like_a_standard_module(name: str) -> None:
    assert name not in sys.stdlib_module_names


def test_no_module_has_a_vague_name() -> None:
    assert not _shown([path for path in _sources() if path.stem in VAGUE_NAMES])


def test_no_module_outgrows_the_ceiling() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _sources()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert not long, f"split these by noun: {long}"


def test_every_test_folder_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert not _shown([folder for folder in sorted(folders) if not (folder / "__init__.py").exists()])


def test_no_interface_fetches_an_object_past_the_tenants_scope() -> None:
    """Views, API, consumers and tasks fetch through selectors and services, which take an actor."""
    fetching = re.compile(r"\.objects\.get\(|get_object_or_404\(\w+[,)]")
    interfaces = {"views", "api", "consumers"}
    offenders = [
        path
        for path in _sources()
        if interfaces & {path.stem, path.parent.name} and fetching.search(path.read_text(encoding="utf-8"))
    ]
    assert not _shown(offenders)


def test_effects_leave_services_only_on_commit() -> None:
    """No `.delay()` or `.apply_async()`: a task must not start before the rows it reads are there."""
    early = re.compile(r"\.(delay|apply_async)\(")
    assert not _shown([path for path in _sources() if early.search(path.read_text(encoding="utf-8"))])


def test_every_task_that_is_rung_for_exists() -> None:
    from config.celery import app

    app.loader.import_default_modules()
    rung = {name for path in _sources() for name in _rung_tasks(path)}
    assert rung <= set(app.tasks), f"no such task: {sorted(rung - set(app.tasks))}"


def _rung_tasks(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "enqueue_on_commit"
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)


def test_templates_have_no_inline_script_or_style() -> None:
    """The content security policy would block them in the browser; here it is found earlier."""
    inline = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|<style|\sstyle=\"|\son[a-z]+=\"")
    templates = list((ROOT / "templates").rglob("*.html"))
    assert templates
    assert not _shown([path for path in templates if inline.search(path.read_text(encoding="utf-8"))])
