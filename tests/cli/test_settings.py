"""Settings: order, origins, bad values, secrets, and writing ``config.toml``."""

from __future__ import annotations

import os
import re
import threading
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli import settings
from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.settings import Origin

SECRET = "EAAGm0PX4ZCpsBAKtoken9f3c"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "config.toml"


def put(path: Path, content: str, mode: int = 0o600) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, "utf-8")
    path.chmod(mode)
    return path


def test_defaults(path: Path) -> None:
    loaded = settings.load(env={}, path=path)
    assert loaded.whatsapp_base_url == "https://graph.facebook.com"
    assert loaded.whatsapp_graph_version == "v25.0"
    assert loaded.whatsapp_messages_per_second == 80
    assert loaded.site_url == "http://127.0.0.1:8080"
    assert (loaded.database_url, loaded.redis_url, loaded.token, loaded.debug) == (None, None, None, False)
    assert loaded.home.is_absolute()
    assert loaded.config_file == path
    assert {loaded.origin(each.variable) for each in settings.SETTINGS} == {Origin.DEFAULT}


def test_every_variable_of_the_contract_is_a_setting() -> None:
    known = {each.variable for each in settings.SETTINGS}
    assert known >= {
        *("PARINAYA_HOME", "DATABASE_URL", "REDIS_URL", "PARINAYA_WEDDING", "PARINAYA_TOKEN"),
        *("WHATSAPP_BASE_URL", "WHATSAPP_GRAPH_VERSION", "WHATSAPP_ACCESS_TOKEN", "WHATSAPP_PHONE_NUMBER_ID"),
        *("WHATSAPP_BUSINESS_ACCOUNT_ID", "WHATSAPP_APP_SECRET", "WHATSAPP_VERIFY_TOKEN"),
        *("WHATSAPP_MESSAGES_PER_SECOND", "PARINAYA_PRICES", "GOOGLE_CLIENT_SECRETS", "GOOGLE_TOKEN_FILE"),
        *("GOOGLE_PEOPLE_ENDPOINT", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL"),
        *("AWS_REGION", "PARINAYA_SITE_URL", "PARINAYA_SITE_SECRET", "PARINAYA_AUDIT_KEY"),
        "PARINAYA_SITE_SECRET_BEFORE",
        *("PARINAYA_TAP_SECRET", "PARINAYA_CHECKPOINTS", "PARINAYA_DEBUG"),
    }


def test_flag_beats_environment_beats_file_beats_default(path: Path) -> None:
    put(path, 'parinaya_wedding = "file"\naws_region = "ap-south-1"\nwhatsapp_messages_per_second = 20\n')
    env = {"PARINAYA_WEDDING": "environment", "AWS_REGION": "eu-west-1"}
    loaded = settings.load({"PARINAYA_WEDDING": "flag"}, env=env, path=path)
    assert (loaded.wedding, loaded.origin("wedding")) == ("flag", Origin.FLAG)
    assert (loaded.aws_region, loaded.origin("AWS_REGION")) == ("eu-west-1", Origin.ENVIRONMENT)
    assert loaded.whatsapp_messages_per_second == 20
    assert loaded.origin("whatsapp_messages_per_second") is Origin.FILE
    assert loaded.origin("site_url") is Origin.DEFAULT


def test_an_empty_value_counts_as_none(path: Path) -> None:
    put(path, 'parinaya_wedding = "file"\naws_region = ""\n')
    loaded = settings.load({"PARINAYA_WEDDING": ""}, env={"PARINAYA_WEDDING": ""}, path=path)
    assert (loaded.wedding, loaded.aws_region) == ("file", None)


def test_paths_and_addresses_are_put_in_order(path: Path) -> None:
    env = {
        "PARINAYA_HOME": "some/../place",
        "PARINAYA_SITE_URL": "https://asha-ravi.in/",
        "GOOGLE_TOKEN_FILE": "~/token.json",
        "PARINAYA_CHECKPOINTS": "s3://bucket/key",
        "REDIS_URL": "unix:///run/valkey.sock",
    }
    loaded = settings.load(env=env, path=path)
    assert loaded.home == Path.cwd() / "place"
    assert loaded.site_url == "https://asha-ravi.in"
    assert loaded.google_token_file == Path.home() / "token.json"
    assert loaded.checkpoints == "s3://bucket/key"
    assert loaded.redis_url == "unix:///run/valkey.sock"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("WHATSAPP_MESSAGES_PER_SECOND", "abc", "must be a whole number from 1"),
        ("WHATSAPP_MESSAGES_PER_SECOND", "0", "must be a whole number from 1"),
        ("WHATSAPP_MESSAGES_PER_SECOND", "-5", "must be a whole number from 1"),
        ("WHATSAPP_MESSAGES_PER_SECOND", "1.5", "must be a whole number from 1"),
        ("WHATSAPP_MESSAGES_PER_SECOND", "٣", "must be a whole number from 1"),
        ("WHATSAPP_GRAPH_VERSION", "25", "must look like v25.0"),
        ("WHATSAPP_BASE_URL", "graph.facebook.com", "begins with http:// or https://"),
        ("WHATSAPP_BASE_URL", "https://", "begins with http:// or https://"),
        ("PARINAYA_SITE_URL", "http://host:port", "no address that can be read"),
        ("AWS_ENDPOINT_URL", "http://[::1", "no address that can be read"),
        ("DATABASE_URL", "host=db password=hunter22", "begins with postgresql:// or postgres://"),
        ("DATABASE_URL", "mysql://user:hunter22@db/x", "begins with postgresql:// or postgres://"),
        ("REDIS_URL", "http://:hunter22@host", "begins with redis:// or rediss:// or unix://"),
        ("WHATSAPP_ACCESS_TOKEN", "hunter22\n", "holds a line end"),
        ("PARINAYA_WEDDING", "Asha and Ravi", "must be a slug"),
        ("PARINAYA_WEDDING", "--json", "must be a slug"),
        ("PARINAYA_HOME", "~nobody-of-that-name/x", "user who is not known"),
        ("PARINAYA_DEBUG", "perhaps", "must be 1 or 0"),
    ],
)
def test_a_bad_value_is_named_with_its_origin(path: Path, variable: str, value: str, said: str) -> None:
    with pytest.raises(UsedWrongly) as caught:
        settings.load(env={variable: value}, path=path)
    assert caught.value.message.startswith(f"{variable} in the environment ")
    assert said in caught.value.message
    assert "hunter22" not in caught.value.message
    with pytest.raises(UsedWrongly, match=r"as given on the command line"):
        settings.load({variable: value}, env={}, path=path)


def test_a_bad_value_in_the_file_is_named_with_the_file(path: Path) -> None:
    put(path, "whatsapp_messages_per_second = 0\n")
    with pytest.raises(UsedWrongly, match=re.escape(f"whatsapp_messages_per_second in {path} must be")):
        settings.load(env={}, path=path)
    assert (
        settings.load(env={"WHATSAPP_MESSAGES_PER_SECOND": "5"}, path=path).whatsapp_messages_per_second == 5
    )


@pytest.mark.parametrize(
    ("content", "said", "hint"),
    [
        ('databse_url = "x"\n', "unknown key 'databse_url'", "database_url"),
        ('wedding = "x"\n', "unknown key 'wedding'", "parinaya_wedding"),
        ('[whatsapp]\naccess_token = "x"\n', "unknown key 'whatsapp'", ""),
        ('aws_region = ["a"]\n', "aws_region in", 'aws_region = "'),
        ("aws_region = ap-south-1\n", "is no TOML", "A line reads like"),
    ],
)
def test_a_file_that_is_not_understood(path: Path, content: str, said: str, hint: str) -> None:
    put(path, content)
    with pytest.raises(UsedWrongly) as caught:
        settings.load(env={}, path=path)
    assert said in caught.value.message
    assert str(path) in caught.value.message
    assert hint in caught.value.hint


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsedWrongly, match="can't be read"):
        settings.load(env={}, path=tmp_path)
    latin = tmp_path / "latin.toml"
    latin.write_bytes('aws_region = "é"'.encode("latin-1"))
    with pytest.raises(UsedWrongly, match="is not UTF-8"):
        settings.load(env={}, path=latin)
    marked = tmp_path / "marked.toml"
    marked.write_text('aws_region = "é"', "utf-8-sig")
    assert settings.load(env={}, path=marked).aws_region == "é"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o620])
@pytest.mark.parametrize(
    "line",
    [
        f'whatsapp_access_token = "{SECRET}"\n',
        'database_url = "postgresql://user:pw@db/x"\n',
        'database_url = "postgresql:///x?host=/run&password=pw"\n',
        'redis_url = "redis://:pw@host:6379/0"\n',
    ],
)
def test_secrets_that_others_can_read_are_refused(path: Path, mode: int, line: str) -> None:
    put(path, line, mode)
    with pytest.raises(UsedWrongly, match="others can read it") as caught:
        settings.load(env={}, path=path)
    assert f"chmod 600 {path}" in caught.value.hint
    path.chmod(0o600)
    settings.load(env={}, path=path)


def test_a_file_without_secrets_may_be_read_by_all(path: Path) -> None:
    put(path, 'database_url = "postgresql://db/x"\naws_region = "ap-south-1"\n', 0o644)
    assert settings.load(env={}, path=path).aws_region == "ap-south-1"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_secrets_in_a_file_of_somebody_else_are_refused(path: Path) -> None:
    put(path, f'parinaya_token = "{SECRET}"\n')
    os.chown(path, 65534, 65534)
    with pytest.raises(UsedWrongly, match="belongs to another user"):
        settings.load(env={}, path=path)


def secret_settings() -> dict[str, str]:
    texts = {each.variable: SECRET for each in settings.SETTINGS if each.secret}
    return {
        **texts,
        "DATABASE_URL": f"postgresql://asha:{SECRET}@db:5432/x?sslmode=require",
        "REDIS_URL": f"rediss://:{SECRET}@cache/0",
    }


def test_secrets_are_never_shown(path: Path) -> None:
    env = secret_settings()
    assert len(env) == 13
    loaded = settings.load(env=env, path=path)
    assert SECRET not in repr(loaded)
    rows = {row.key: row for row in loaded.show()}
    assert not [row for row in rows.values() if SECRET in str(row.value)]
    assert rows["WHATSAPP_ACCESS_TOKEN"].value == settings.MASK + SECRET[-4:]
    assert rows["DATABASE_URL"].value == f"postgresql://asha:{settings.MASK}@db:5432/x?sslmode=require"
    assert rows["REDIS_URL"].value == f"rediss://:{settings.MASK}@cache/0"
    assert [row.key for row in loaded.show()] == [each.variable for each in settings.SETTINGS]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://asha:asha@db/x", "postgresql://asha:••••@db/x"),
        ("postgresql://asha@db/x", "postgresql://asha@db/x"),
        ("postgresql://asha:p@ss/wo@rd@db/x", "postgresql://asha:••••@db/x"),
        ("postgresql://db/x?user=a&password=b%20c&sslmode=require", "postgresql://db/x?user=a&password=••••&sslmode=require"),
    ],
)  # fmt: skip
def test_only_the_password_of_an_address_is_masked(path: Path, address: str, shown: str) -> None:
    loaded = settings.load(env={"DATABASE_URL": address}, path=path)
    assert next(row.value for row in loaded.show() if row.key == "DATABASE_URL") == shown


@pytest.mark.parametrize("length", range(1, 30))
def test_at_most_the_last_four_characters_of_a_long_secret_are_shown(length: int) -> None:
    secret = "abcdefghijklmnopqrstuvwxyzABCDEF"[:length]
    masked = str(settings.find("PARINAYA_TOKEN").masked(secret)).removeprefix(settings.MASK)
    assert masked == (secret[-4:] if length > 12 else "")


@pytest.mark.parametrize("name", ["PARINAYA_HOME", "parinaya_home", "home", "Home", "parinaya-home"])
def test_names_of_a_setting(name: str) -> None:
    assert settings.find(name).variable == "PARINAYA_HOME"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("DATABSE_URL", "DATABASE_URL"),
        ("access_token", "WHATSAPP_ACCESS_TOKEN"),
        ("zzz", "parinaya config show"),
    ],
)
def test_the_nearest_name_is_told(name: str, nearest: str) -> None:
    with pytest.raises(UsedWrongly) as caught:
        settings.find(name)
    assert nearest in caught.value.hint


def test_where_the_file_is(tmp_path: Path) -> None:
    assert settings.config_file({"PARINAYA_CONFIG_DIR": str(tmp_path)}) == tmp_path / "config.toml"
    usual = settings.config_file({})
    assert (usual.name, usual.parent.name) == ("config.toml", "parinaya")


def test_writing_keeps_other_keys_and_comments(path: Path) -> None:
    put(path, '# ours\naws_region = "eu" # why\n\nparinaya_wedding = "asha-ravi"')
    settings.write("AWS_REGION", "ap-south-1", path=path)
    settings.write("whatsapp_messages_per_second", "40", path=path)
    assert path.read_text().split("\n") == [
        "# ours",
        'aws_region = "ap-south-1"',
        "",
        'parinaya_wedding = "asha-ravi"',
        "whatsapp_messages_per_second = 40",
        "",
    ]
    settings.write("parinaya_wedding", None, path=path)
    assert "parinaya_wedding" not in path.read_text()


def test_a_new_file_and_its_folder_are_private(path: Path) -> None:
    assert settings.write("PARINAYA_TOKEN", SECRET, path=path) == path
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert settings.load(env={}, path=path).token == SECRET
    assert os.listdir(path.parent) == ["config.toml"]


def test_removing_what_is_not_there_changes_nothing(path: Path) -> None:
    settings.write("AWS_REGION", None, path=path)
    settings.write("AWS_REGION", None, path=path)
    assert settings.load(env={}, path=path).aws_region is None


def test_a_file_laid_out_in_another_way_keeps_its_values(path: Path) -> None:
    put(path, 'aws_region = """\nap-south-1"""\n"parinaya_wedding" = \'x\'\n')
    settings.write("aws_region", "eu-west-1", path=path)
    settings.write("parinaya_wedding", "y", path=path)
    assert tomllib.loads(path.read_text()) == {"aws_region": "eu-west-1", "parinaya_wedding": "y"}


def test_a_bad_value_is_not_written(path: Path) -> None:
    put(path, 'aws_region = "eu"\n')
    with pytest.raises(UsedWrongly):
        settings.write("WHATSAPP_BASE_URL", "nowhere", path=path)
    with pytest.raises(UsedWrongly):
        settings.write("NO_SUCH", "x", path=path)
    assert path.read_text() == 'aws_region = "eu"\n'


def test_a_file_that_is_not_understood_is_not_overwritten(path: Path) -> None:
    put(path, "not toml")
    with pytest.raises(UsedWrongly):
        settings.write("AWS_REGION", "eu", path=path)
    assert path.read_text() == "not toml"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target = put(tmp_path / "kept" / "config.toml", 'aws_region = "eu"\n')
    link = tmp_path / "config.toml"
    link.symlink_to(target)
    settings.write("AWS_REGION", "ap", path=link)
    assert link.is_symlink()
    assert target.read_text() == 'aws_region = "ap"\n'


def test_two_writers_at_once_lose_nothing(path: Path) -> None:
    names = [each.variable for each in settings.SETTINGS if each.secret]
    writers = [
        threading.Thread(target=settings.write, args=(name, f"{SECRET}-{name}"), kwargs={"path": path})
        for name in names
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert tomllib.loads(path.read_text()) == {name.lower(): f"{SECRET}-{name}" for name in names}


_PRINTABLE = st.text(
    alphabet=st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=["Cs"]), min_size=1
)


@given(values=st.lists(st.tuples(st.sampled_from(["aws_region", "parinaya_token"]), _PRINTABLE), min_size=1))
def test_what_is_written_is_read_back(
    values: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("settings") / "config.toml"
    for name, value in values:
        settings.write(name, value, path=path)
    loaded = settings.load(env={}, path=path)
    expected = dict(values)
    assert (loaded.aws_region, loaded.token) == (expected.get("aws_region"), expected.get("parinaya_token"))
