"""The page of rules: every rule of the source documents is on it, and what nothing proves is named."""

from pathlib import Path

from click.testing import CliRunner

from hotline_cli.docs import docs
from hotline_cli.requirements import missing_rules, requirements, requirements_page

PROOF = '"""{module}"""\ndef test_a_thing():\n    """{test}"""\n'


def proofs(folder: Path, *, module: str = "Things.", test: str = "Nothing named.") -> Path:
    tests = folder / "services" / "intake" / "tests"
    tests.mkdir(parents=True)
    (tests / "test_things.py").write_text(PROOF.format(module=module, test=test))
    return folder


def test_every_rule_of_the_source_documents_is_on_the_page(tmp_path: Path) -> None:
    known = requirements(tmp_path)
    assert [one.rule for one in known] == [f"A{number:02}" for number in range(1, 163)]
    page = requirements_page(tmp_path)
    assert all(f"| {one.rule} | {one.asks} | {', '.join(one.decided_by)} | {one.state} |" in page for one in known)
    assert "| S0:79 tell a complainant" in page
    assert "| S0:84 tell a caller" in page


def test_a_rule_is_proved_by_the_test_that_names_it(tmp_path: Path) -> None:
    known = {one.rule: one for one in requirements(proofs(tmp_path, test="A01, and A108 too."))}
    assert known["A01"].proofs == ["`services/intake/tests/test_things.py` a thing"]
    assert (known["A108"].is_missing, known["A10"].is_missing) == (False, True)
    assert "A10" in missing_rules(tmp_path)
    assert "A01" not in missing_rules(tmp_path)


def test_a_rule_that_only_reporting_decides_is_never_missing(tmp_path: Path) -> None:
    known = {one.rule: one for one in requirements(tmp_path)}
    assert known["A115"].state == "left to supervision and assessment"
    assert (known["A96"].is_missing, known["A96"].state) == (True, "**missing**")


def test_a_rejected_rule_is_shown_with_its_reason(tmp_path: Path) -> None:
    table = {"rules": {"A01": {"by": ["intake"], "asks": "Ring"}}, "rejected": [{"rule": "A01", "because": "No."}]}
    (one,) = requirements(tmp_path, table)
    assert (one.is_missing, one.state) == (False, "rejected: No.")


def test_the_check_fails_and_names_what_nothing_proves(tmp_path: Path) -> None:
    folder = proofs(tmp_path, module="A01.") / "docs"
    written = CliRunner().invoke(docs, ["--folder", str(folder)])
    assert (written.exit_code, "neither proved nor rejected: A02, A04" in written.output) == (0, True)
    checked = CliRunner().invoke(docs, ["--folder", str(folder), "--check"])
    assert (checked.exit_code, "neither proved nor rejected: A02, A04" in checked.output) == (1, True)
