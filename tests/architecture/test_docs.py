"""What the documents say exists, exists."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
ROOTS = (ROOT, ROOT / "platform")
SETTINGS = ROOT / "platform" / "config" / "settings"
# Read where nobody sets them by hand: the demo's folder comes from make, the worker's name from pytest.
NOT_FOR_OPERATORS = {"DATA_DIR", "PYTEST_XDIST_WORKER"}


def _paths(text: str) -> set[str]:
    """What stands in backticks and looks like a path of the repository."""
    return set(re.findall(r"`((?:[\w.@-]+/)+[\w.@-]*)`", text))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_that_a_document_names_exists(document: Path) -> None:
    folders = {entry.name for root in ROOTS for entry in root.iterdir() if entry.is_dir()}
    named = {path for path in _paths(document.read_text(encoding="utf-8")) if path.split("/")[0] in folders}
    missing = sorted(path for path in named if not any((root / path).exists() for root in ROOTS))
    assert not missing, f"{document.name} names what is not there: {missing}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_between_documents_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    missing = sorted(link for link in links if not (document.parent / link).exists())
    assert not missing, f"{document.name} links to what is not there: {missing}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_that_a_document_names_exists(document: Path) -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", document.read_text(encoding="utf-8")))
    assert not named - set(get_commands())


def test_decisions_are_numbered_once_each() -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_the_example_environment_names_every_variable_that_settings_read() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in SETTINGS.glob("*.py"))
    read = set(re.findall(r'\benv(?:\.\w+)?\(\s*"([A-Z_]+)"', sources)) - NOT_FOR_OPERATORS
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    by_the_settings = example.partition("# --- read by platform/deploy")[0]
    named = set(re.findall(r"^#?([A-Z_]+)=", by_the_settings, re.MULTILINE))
    assert read
    assert read == named - {"PROMETHEUS_MULTIPROC_DIR"}
