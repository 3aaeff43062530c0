"""Python, the packages, and that the `lake` which is imported is ours."""

import tomllib
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, metadata, version
from importlib.util import find_spec
from pathlib import Path

from kormo_ds.doctor.finding import Finding, fail, ok

SHOWN = {
    "torch": "the one release that is tested",
    "deepspeed": "older ones return uninitialised parameters at ZeRO 3 on a CPU",
    "pylance": "the lake's format",
    "duckdb": "the lake's queries",
    "pyarrow": "columns and buffers",
    "tokenizers": "tokenizer.json",
    "numpy": "arrays",
    "wandb": "logging",
}
"""Packages that get a line of their own, and what hangs on their version."""


def wanted() -> tuple[str, list[str]]:
    """Which Python, and which packages: of pyproject.toml, or as installed where there is none.

    In a checkout its pyproject.toml may be newer than what was noted when it was installed.
    """
    source = Path(__file__).resolve().parents[2] / "pyproject.toml"
    if source.is_file():
        project = tomllib.loads(source.read_text(encoding="utf-8"))["project"]
        return project["requires-python"], project["dependencies"]
    facts = metadata("kormo-ds")
    return str(facts["Requires-Python"]), facts.get_all("Requires-Dist") or []


def python(here: str, specifier: str, executable: str) -> Finding:
    """The interpreter: `here` is its version."""
    from packaging.specifiers import SpecifierSet

    found = f"{here} ({executable})"
    if SpecifierSet(specifier).contains(here, prereleases=True):
        return ok("Python", found)
    mend = f"make a new environment: PYTHON=python3.x make demo, with Python {specifier}"
    return fail("Python", f"{found}, wanted {specifier}", mend)


def installed(name: str) -> str | None:
    """The version of an installed package."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def packages(
    requirements: Iterable[str], version_of: Callable[[str], str | None]
) -> Iterator[Finding]:
    """A line for each of `SHOWN` and for each that is wrong, one for all others."""
    from packaging.requirements import Requirement

    n_others = 0
    for text in requirements:
        need = Requirement(text)
        if need.marker and not need.marker.evaluate({"extra": ""}):
            continue
        there = version_of(need.name)
        if there is None or not need.specifier.contains(there, prereleases=True):
            why = f" ({SHOWN[need.name]})" if need.name in SHOWN else ""
            found = f"{there or 'not installed'}, wanted {need.specifier}{why}"
            yield fail(need.name, found, f"pip install '{need.name}{need.specifier}'")
        elif need.name in SHOWN:
            yield ok(need.name, f"{there} ({need.specifier}: {SHOWN[need.name]})")
        else:
            n_others += 1
    yield ok("other packages", f"{n_others}, of the versions that are wanted")


def lake(imported: str | None, package: str) -> Finding:
    """`import lake` must give the folder beside kormo_ds: other packages have that name, too.

    Args:
        imported: the file that `import lake` reads.
        package: the folder of kormo_ds.
    """
    ours = Path(package).resolve().parent / "lake" / "__init__.py"
    if imported and Path(imported).resolve() == ours:
        return ok("lake", f"ours ({ours.parent})")
    if imported is None:
        return fail("lake", "not to be imported", "pip install -e . in the checkout of kormo_ds")
    return fail(
        "lake",
        f"imported from {imported}, which is not the one beside {package}",
        "pip uninstall lake, or leave the folder that it is in, or take it off PYTHONPATH",
    )


def lake_here() -> str | None:
    """The file that `import lake` reads; a folder without a file of its own by its path."""
    spec = find_spec("lake")
    if spec is None:
        return None
    return spec.origin or next(iter(spec.submodule_search_locations or ()), None)
