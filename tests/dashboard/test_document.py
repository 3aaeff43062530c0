from kormo_ds.dashboard import document


def test_all_columns_say_who_wrote_them_and_what_lacks_its_command(asker, lk, documents):
    row = document.read(asker, "a")
    values = {one.column: one for one in document.values(lk, asker, row)}
    assert document.read(asker, "nothing") is None
    assert values["doc_id"].step == "birth"
    assert (values["n_bytes"].value, values["n_bytes"].command) == (1, None)
    assert "text" not in values
    assert document.final(asker, "a") == "a"
