"""The mappings that ship and the one in the documentation, against real files and the file that it is written for."""

import re
from collections import Counter
from pathlib import Path

import pytest

from hotline_cli.replay.mapping import load_mapping, read_mapping
from hotline_cli.replay.matters import RequestMatter, read_file

ROOT = Path(__file__).parents[3]
MAPPINGS = sorted(path.stem for path in (ROOT / "libs/cli/hotline_cli/mappings").glob("*.yaml"))
DATA = ROOT.parent / "shared" / "data"


@pytest.mark.parametrize("name", MAPPINGS)
def test_every_mapping_that_ships_is_one(name: str) -> None:
    assert load_mapping(Path(name)).common.name == name
    assert name in (ROOT / "docs/mapping.md").read_text(), "a newcomer finds it in the documentation"


def test_the_documentations_mapping_reads_the_documentations_file(tmp_path: Path) -> None:
    blocks = dict(re.findall(r"^```(csv|yaml)\n(.*?)^```$", (ROOT / "docs/mapping.md").read_text(), re.MULTILINE | re.DOTALL))
    file = tmp_path / "city.csv"
    file.write_text(blocks["csv"])
    reading = read_file(file, read_mapping("city.yaml", blocks["yaml"].encode()))
    first, second = reading.matters
    assert isinstance(first, RequestMatter)
    assert isinstance(second, RequestMatter)
    assert (first.record["request_type"], first.record["channel"], second.record["channel"]) == ("complaint", "phone", "wechat")
    assert (first.told is not None and first.told.satisfied, second.resolved_at, reading.rejected) == (True, None, [])


@pytest.mark.parametrize(
    ("name", "mapping", "read", "rejected"),
    [
        ("teddy_fj2_raw_sample.csv", "citizen_messages", 483, 0),
        ("teddy_fj3.xlsx", "citizen_messages", 4326, 0),
        ("teddy_fj4.xlsx", "citizen_messages", 2816, 0),
        ("fuzhou12345_2006_2018_figures.csv", "fuzhou_figures", 1087, 0),
        ("anonbank_calls_199908_01_20.csv", "anonbank_calls", 29_955, 14),
        ("sf311_10000.csv", "san_francisco_311", 10_000, 17),
    ],
)
def test_a_real_file_is_read_and_every_row_is_accounted_for(name: str, mapping: str, read: int, rejected: int) -> None:
    if not (DATA / name).exists():
        pytest.skip("the real files are not on this machine")
    reading = read_file(DATA / name, load_mapping(Path(mapping)))
    counts = Counter(reading.counts)
    assert (counts["read"], len(reading.rejected)) == (read, rejected)
    assert len(reading.matters) + counts["repeated"] + counts["skipped"] + rejected == read
