"""Settings are read once and wrong ones are named; logs, traces and metrics carry ids and never what people said."""

import base64
import json
import logging
from pathlib import Path

import pytest

from hotline_chassis.logs import JsonFormatter
from hotline_chassis.settings import Settings, SettingsError, settings_from_environment
from hotline_chassis.telemetry import current_trace_id, current_traceparent, parse_traceparent, span
from hotline_chassis.texts import Texts, language_of
from hotline_chassis.tokens import service_tokens

ENVIRONMENT = {
    "HOTLINE_SERVICE": "intake",
    "HOTLINE_MODE": "development",
    "HOTLINE_DATABASE_URL": "postgresql+asyncpg://intake_app:hunter2@localhost/intake",
    "HOTLINE_NATS_URL": "nats://localhost",
    "HOTLINE_ISSUER": "http://issuer",
    "HOTLINE_JWKS_URL": "http://issuer/jwks.json",
    "HOTLINE_ROUTING_URL": "http://routing",
}
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def settings(**changes: str) -> Settings:
    return settings_from_environment({**ENVIRONMENT, **changes})


def test_settings_have_defaults_and_hide_passwords() -> None:
    read = settings(HOTLINE_NATS_CREDS="", HOTLINE_PORT="9000")
    assert (read.audience, read.host, read.port, read.nats_creds) == ("hotline", "127.0.0.1", 9000, None)
    assert read.peers == {"routing": "http://routing"}
    assert "hunter2" not in repr(read)
    assert read.development


def test_production_is_what_a_process_runs_in_unless_told_otherwise() -> None:
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "HOTLINE_MODE"}
    assert not settings_from_environment(environment).development


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HOTLINE_SERVICE", ""),
        ("HOTLINE_DATABASE_URL", " "),
        ("HOTLINE_MODE", "staging"),
        ("HOTLINE_PORT", "65536"),
        ("HOTLINE_PORT", "http"),
        ("HOTLINE_LOG_LEVEL", "LOUD"),
        ("HOTLINE_JWT_ALGORITHM", "HS256"),
        ("HOTLINE_JWT_ALGORITHM", "none"),
        ("HOTLINE_CLIENT_SECRET_FILE", "/nowhere/secret"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable) as error:
        settings(**{variable: value})
    assert len(value) < 5 or value not in str(error.value)


def test_the_key_encryption_key_has_32_bytes_or_the_process_does_not_start(tmp_path: Path) -> None:
    file = tmp_path / "kek"
    file.write_text(base64.b64encode(bytes(32)).decode() + "\n")
    assert settings(HOTLINE_KEK_FILE=str(file)).load_kek() == bytes(32)
    for wrong in ("", "not base64!", base64.b64encode(bytes(16)).decode()):
        file.write_text(wrong)
        with pytest.raises(SettingsError, match="HOTLINE_KEK"):
            settings(HOTLINE_KEK_FILE=str(file)).load_kek()
    with pytest.raises(SettingsError, match="HOTLINE_KEK_FILE"):
        settings().load_kek()


def test_outside_development_a_service_needs_credentials_of_its_own() -> None:
    with pytest.raises(SettingsError, match="HOTLINE_CLIENT_SECRET_FILE"):
        service_tokens(settings(HOTLINE_MODE="production", HOTLINE_CLIENT_ID="service@intake"))


def test_a_log_line_is_json_with_its_trace_and_without_query_or_error_text() -> None:
    record = logging.makeLogRecord(
        {"name": "intake", "levelname": "INFO", "msg": "GET /people?phone=13800138000 took %s", "args": ("long",)}
    )
    record.__dict__.update(body="路灯", position=7)
    try:
        raise ValueError("张三")  # noqa: TRY301 - the text must not be logged
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    with span("test", parent=f"00-{TRACE}-00f067aa01f902b7-01"):
        line = JsonFormatter("intake-api").format(record)
    content = json.loads(line)
    assert content["trace_id"] == TRACE
    assert content["position"] == 7
    assert content["error"] == "builtins.ValueError"
    assert not any(secret in line for secret in ("13800138000", "路灯", "张三"))


def test_a_trace_goes_on_from_what_was_stored_with_an_event() -> None:
    stored = f"00-{TRACE}-00f067aa01f902b7-01"
    with span("relay", parent=stored):
        inner = current_traceparent()
        assert current_trace_id() == TRACE
        assert inner is not None
        assert inner != stored
        with span("projection"):
            assert current_trace_id() == TRACE
    assert current_traceparent() is None


@pytest.mark.parametrize("text", [None, "", "00-x", f"00-{'0' * 32}-00f067aa01f902b7-01", f"ff-{TRACE}-00f067aa01f902b7-01"])
def test_a_broken_traceparent_counts_as_none(text: str | None) -> None:
    assert parse_traceparent(text) is None


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh-CN"),
        ("", "zh-CN"),
        ("fr", "zh-CN"),
        ("*", "zh-CN"),
        ("en", "en"),
        ("en-GB,zh;q=0.5", "en"),
        ("zh-TW, en;q=0.9", "zh-CN"),
        ("en;q=x", "zh-CN"),
    ],
)
def test_chinese_comes_first_unless_english_is_wanted_more(header: str | None, language: str) -> None:
    assert language_of(header) == language


def test_a_service_adds_its_own_texts_and_a_code_without_text_keeps_its_words(tmp_path: Path) -> None:
    catalogue = tmp_path / "zh_CN" / "LC_MESSAGES"
    catalogue.mkdir(parents=True)
    (catalogue / "intake.po").write_text('msgid "line_closed"\nmsgstr "线路已关闭"\n')
    texts = Texts(tmp_path)
    assert texts.text("line_closed", "zh-CN") == "线路已关闭"
    assert texts.text("not_found", "zh-CN") == "未找到"
    assert texts.text("line_closed", "en", "the line is closed") == "the line is closed"
