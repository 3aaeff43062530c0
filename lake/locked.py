"""A connection that can do nothing but answer: for questions that somebody else wrote.

After `lock` no file, address, variable of Python or extension can be reached, nothing is spilled to
disk, and none of this can be set back. Memory is DuckDB's own account: one huge value (`repeat`,
`range` as a list) is not in it, so text that is not trusted is asked in a process of its own.
"""

import duckdb

_SETTINGS = (
    "temp_directory = ''",
    "max_temp_directory_size = '0KB'",
    "python_enable_replacements = false",
    "autoinstall_known_extensions = false",
    "autoload_known_extensions = false",
    "allow_community_extensions = false",
    "allow_persistent_secrets = false",
    "secret_directory = ''",
    "extension_directory = '-'",
    "enable_external_access = false",
    "lock_configuration = true",
)


def lock(con: duckdb.DuckDBPyConnection, memory_mb: int, threads: int) -> None:
    """Lock a connection whose tables and views are there already."""
    con.execute(f"set memory_limit = '{memory_mb}MB'")
    con.execute(f"set threads = {threads}")
    for setting in _SETTINGS:
        con.execute(f"set {setting}")
