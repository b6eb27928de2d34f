"""A folder with what a configuration names: canned responses and secrets of every kind."""

import pytest


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "canned_responses" / "en").mkdir(parents=True)
    for name, mode, text in (
        ("secret", 0o600, "s3cret\n"),
        ("open-secret", 0o644, "s3cret\n"),
        ("empty-secret", 0o600, ""),
    ):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    return tmp_path
