import lake


def test_columns_have_owner_coverage_and_meaning(lk, length, documents):
    lk.fill("documents", [length()])
    lk.append("documents", documents(["d"], ["x"]))
    facts = {f.name: (f.type, f.owner, f.n_rows, f.meaning) for f in lake.describe(lk)}
    assert facts["lang"] == ("string", "birth", 3, "language that the source claims, e.g. 'ko'")
    assert facts["n_chars"] == ("int64", "length@1", 3, "characters")
