"""A DuckDB connection that can only be read from: no files, no network, no settings, no disk.

For text that others write. What is registered before stays readable, everything else is shut: files
and addresses as tables, extensions, ATTACH and COPY, Python objects by their names, spilling to
disk; and after the last line here no setting can be changed again.
"""

import duckdb


def lock(con: duckdb.DuckDBPyConnection, memory_mb: int, threads: int) -> None:
    """Shut a connection, for good.

    Args:
        con: tables and views are registered.
        memory_mb: MiB that its queries may take together.
        threads: threads that its queries may take together.
    """
    con.execute(f"set memory_limit = '{memory_mb}MiB'")
    con.execute(f"set threads = {threads}")
    for setting, value in (
        ("max_temp_directory_size", "'0KB'"),
        ("temp_directory", "''"),
        ("secret_directory", "''"),
        ("python_enable_replacements", "false"),
        ("python_scan_all_frames", "false"),
        ("autoinstall_known_extensions", "false"),
        ("autoload_known_extensions", "false"),
        ("allow_community_extensions", "false"),
        ("enable_external_access", "false"),
        ("lock_configuration", "true"),
    ):
        con.execute(f"set {setting} = {value}")
