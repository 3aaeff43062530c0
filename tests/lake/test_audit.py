import lake


def audit(lk, sql):
    return lake.run_audits(lk, [lake.Query.parse(sql, "a")])[0]


def test_no_bad_row_is_ok(lk):
    result = audit(lk, "-- Texts are there.\nselect doc_id from documents where text is null")
    assert (result.ok, result.n_bad) == (True, 0)


def test_bad_rows_are_counted_and_shown(lk):
    result = audit(
        lk, "-- All are English.\nselect doc_id from documents where lang != 'en' order by 1"
    )
    assert (result.ok, result.n_bad, result.columns, result.rows) == (
        False,
        2,
        ("doc_id",),
        (("a",), ("c",)),
    )


def test_an_audit_of_columns_not_computed_yet_is_neither(lk):
    result = audit(lk, "-- Lengths.\nselect doc_id from documents where n_chars is null")
    assert (result.ok, result.n_bad) == (False, 0)
    assert "n_chars" in result.skipped
