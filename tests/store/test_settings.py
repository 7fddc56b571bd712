"""`workspace.toml`."""

from pathlib import Path

import pytest

from analytics_core.domain.errors import WorkspaceError
from analytics_core.domain.settings import App
from analytics_core.domain.words import AttributionModel, InstanceCredit
from analytics_core.store.settings import read_settings, write_settings


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    app = App(name='Ann\'s "Shop" \\ 🎉\n', timezone="America/New_York", currency="EUR")
    write_settings(tmp_path, app, "tables")
    assert read_settings(tmp_path).as_app() == app


def test_a_currency_is_kept_trimmed_and_in_capitals(tmp_path: Path) -> None:
    write_settings(tmp_path, App(currency=" eur"), "tables")
    assert 'currency = "EUR"' in (tmp_path / "workspace.toml").read_text()
    (tmp_path / "workspace.toml").write_text("[app]\ncurrency = 'usd\u00a0'")
    assert read_settings(tmp_path).as_app().currency == "USD"


def test_a_new_workspace_follows_the_documented_defaults(tmp_path: Path) -> None:
    write_settings(tmp_path, App(), "tables")
    settings = read_settings(tmp_path).as_settings()
    assert settings.attribution_model is AttributionModel.ALL_INTERACTIONS
    assert settings.instance_credit is InstanceCredit.LATEST
    assert settings.default_window_hours == 36
    assert settings.success_codes == {200}


@pytest.mark.parametrize("credit", list(InstanceCredit))
def test_every_instance_credit_can_be_asked_for(tmp_path: Path, credit: InstanceCredit) -> None:
    (tmp_path / "workspace.toml").write_text(f'[attribution]\ninstance_credit = "{credit}"\n')
    assert read_settings(tmp_path).as_settings().instance_credit is credit


def test_every_setting_can_be_changed(tmp_path: Path) -> None:
    (tmp_path / "workspace.toml").write_text(
        '[attribution]\nmodel = "last_interaction"\ninstance_credit = "every"\nwindow_hours = 12.5\n'
        "[delivery]\nsuccess_codes = [200, 202]\n"
    )
    settings = read_settings(tmp_path).as_settings()
    assert settings.attribution_model is AttributionModel.LAST_INTERACTION
    assert settings.instance_credit is InstanceCredit.EVERY
    assert settings.default_window_hours == 12.5
    assert settings.success_codes == {200, 202}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[app]\ntimezone = 'Mars/Olympus'", "no time zone 'Mars/Olympus'"),
        ("[app]\ntimezone = '../../etc/passwd'", "no time zone"),
        ("[app]\ncurrency = 'dollars'", "app.currency"),
        ("[app]\ncurrency = ' '", "app.currency: String should match"),
        ("[app]\ncurrency = 5", "app.currency"),
        ("[attribution]\nmodel = 'first'", "attribution.model"),
        ("[attribution]\nwindow_hours = 0", "attribution.window_hours"),
        ("[atribution]\nmodel = 'all_interactions'", "atribution"),
        ("not toml at all", "cannot read"),
        ("[attribution]\nwindow_hours = 1e300", "attribution.window_hours"),
        ("[attribution]\nwindow_hours = inf", "attribution.window_hours"),
        ("[attribution]\nwindow_hours = nan", "attribution.window_hours"),
        ("[attribution]\nwindow_hours = 8785", "attribution.window_hours"),
        ("[delivery]\nsuccess_codes = []", "delivery.success_codes"),
        ("[delivery]\nsuccess_codes = [99]", "delivery.success_codes"),
        ("[delivery]\nsuccess_codes = [true]", "delivery.success_codes"),
        *(
            (f"[app]\ntimezone = '{name}'", "no time zone")
            for name in ("localtime", "posixrules", "Factory", "right/UTC")
        ),
        ("a = " + "[" * 5_000, "cannot read .*workspace.toml"),
        ("# " + "x" * (1 << 20), "larger than a megabyte"),
        ("[engine]\nkind = 'abacus'", "engine.kind"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "workspace.toml").write_text(text)
    with pytest.raises(WorkspaceError, match=problem) as caught:
        read_settings(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_mark_of_the_encoding_at_the_beginning_is_no_setting(tmp_path: Path) -> None:
    (tmp_path / "workspace.toml").write_bytes(b"\xef\xbb\xbf[app]\nname = 'Acme'\n")
    assert read_settings(tmp_path).as_app().name == "Acme"


def test_what_is_no_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "workspace.toml").mkdir()
    with pytest.raises(WorkspaceError, match=r"cannot read .*workspace\.toml: it is no file"):
        read_settings(tmp_path)


def test_the_settings_that_numbers_follow_are_listed(tmp_path: Path) -> None:
    (tmp_path / "workspace.toml").write_text("[app]\ntimezone = 'UTC'\n[storage]\nevents = 'x'\n[delivery]\n")
    assert read_settings(tmp_path).said == ("app.timezone",)


def test_a_directory_without_settings_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"workspace.toml is missing"):
        read_settings(tmp_path)


def test_what_a_check_of_ours_refuses_is_told_in_our_words_alone(tmp_path: Path) -> None:
    write_settings(tmp_path, App(name="Shop", timezone="UTC", currency="USD"), "tables")
    file = tmp_path / "workspace.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"UTC"', '"localtime"'), encoding="utf-8")
    with pytest.raises(WorkspaceError, match=r"app\.timezone: no time zone 'localtime'; use an IANA name"):
        read_settings(tmp_path)
