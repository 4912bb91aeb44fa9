"""What the page of results promises before any browser opens it: no way out of the root, and kind words."""

from __future__ import annotations

import base64
import io
import json
import os
import random
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import result_folders
from drawing import piece, solara

from dashboards import lives, response, result_places, result_uploads, results, server, texts
from experiments.story.lives import WHO
from market import Case

WILD = [
    "../../etc/passwd", "..", "/etc", "\\\\host\\share", "a\0b", "%2e%2e", "<script>", "x" * 5_000, "run/../..",
    "９", "-1", "1e9", "\ud800", "heard", "__class__", "jd_like", "", "run", "*",
]  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of results: one run, and one that has lost its tables."""
    top = tmp_path_factory.mktemp("results")
    result_folders.make("run", top / "class")
    broken = top / "broken"
    shutil.copytree(top / "class" / "run", broken)
    (broken / "sales.parquet").write_bytes(b"PAR1 and nothing else")
    (top / "notes").mkdir()
    return top.resolve()


def packed(files: dict[str, bytes], link: str = "") -> bytes:
    """A zip file with these files, and a symbolic link if one is named."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        if link:
            entry = zipfile.ZipInfo(link)
            entry.create_system, entry.external_attr = 3, 0o120777 << 16
            archive.writestr(entry, "/etc/passwd")
    return stream.getvalue()


def files_of(folder: Path, around: str = "") -> dict[str, bytes]:
    """The files of a result as they would be packed."""
    return {
        around + file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()
    }


# Places


def test_results_below_the_root_are_listed_and_nothing_else(root: Path) -> None:
    """Each with its kind; a folder that holds no result is passed over."""
    found = {place.id: place.kind for place in result_places.listing(root)}
    assert found == {"class/run": "run", "broken": "run"}
    assert result_places.place(root, "class/run") == root / "class" / "run"


@pytest.mark.parametrize("asked", [*WILD[:8], "class/../../x", "class/run/manifest.json", "./", "nowhere"])
def test_what_lies_outside_the_root_cannot_be_reached(root: Path, asked: str) -> None:
    """Neither upwards, nor absolutely, nor the root itself, nor a file."""
    assert result_places.place(root, asked) is None


def test_a_link_that_leads_out_is_refused_and_one_that_stays_is_not(root: Path, tmp_path: Path) -> None:
    """In the path or within the result; a link to a result of the same root is only another name."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "manifest.json").write_text("{}")
    top = tmp_path / "top"
    shutil.copytree(root / "class", top / "class")
    (top / "out").symlink_to(tmp_path / "secret")
    (top / "in").symlink_to(top / "class" / "run")
    assert result_places.place(top, "out") is None
    assert result_places.place(top, "in") == top / "class" / "run"
    (top / "class" / "run" / "events.parquet").unlink()
    (top / "class" / "run" / "events.parquet").symlink_to(tmp_path / "secret" / "manifest.json")
    assert result_places.place(top, "class/run") is None
    assert [place.id for place in result_places.listing(top)] == ["class/run"]


def test_the_option_wants_a_folder(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Anything else ends with status 2 and a message that names it."""
    with pytest.raises(SystemExit) as left:
        server.main(["--results", str(tmp_path / "none")])
    assert left.value.code == 2
    assert "--results" in capsys.readouterr().err


# Uploads


def test_a_result_that_is_brought_along_can_be_read(root: Path) -> None:
    """Packed with or without the folder around it, sent in pieces; it is gone when the visitor leaves."""
    whole = packed(files_of(root / "class" / "run", "my-run/"))
    upload, pieces = result_uploads.Upload(), [whole[i : i + 40_000] for i in range(0, len(whole), 40_000)]
    found = None
    for number, part in enumerate(pieces):
        assert found is None
        found = upload.take({"number": number, "of": len(pieces), "text": base64.b64encode(part).decode()})
    assert found is not None
    assert files_of(found) == files_of(root / "class" / "run")
    upload.close()
    assert not found.exists()


@pytest.mark.parametrize(
    ("files", "link", "why"),
    [
        ({"../manifest.json": b"{}"}, "", "unknown"),
        ({"/etc/manifest.json": b"{}"}, "", "unknown"),
        ({"a/../../manifest.json": b"{}"}, "", "unknown"),
        ({"manifest.json": b"{}", "run.py": b"import os"}, "", "unknown"),
        ({"manifest.json": b"{}"}, "case.toml", "unknown"),
        ({}, "", "no_result"),
        ({"case.toml": b'case = "/etc/passwd"'}, "", "unknown"),
        ({"case.toml": b"\xff\xfe"}, "", "no_result"),
        ({"design.toml": b'case = "case.toml"\ndesign = "latin"'}, "", "no_result"),
        ({"sales.parquet": b"no table"}, "", "no_result"),
        ({"points.json": b" " * 3_000_000}, "", "large"),
        ({"share.png": bytes(41_000_000)}, "", "large"),
    ],
)
def test_an_upload_that_is_no_result_is_refused(tmp_path: Path, files: dict[str, bytes], link: str, why: str) -> None:
    """Ways out, links, programs, references elsewhere, bombs: each with its word, and nothing is written."""
    with pytest.raises(result_uploads.RefusedError, match=f"^{why}$"):
        result_uploads.unpack(packed(files, link), tmp_path)
    assert f"upload_{why}" in texts.TEXTS


@pytest.mark.parametrize(
    "piece",
    [None, 7, {}, {"number": 0, "of": 1, "text": "%%%"}, {"number": 3, "of": 9, "text": ""},
     {"number": 0, "of": 10**9, "text": ""}, {"number": True, "of": 1, "text": ""}, {"number": 0, "of": 1, "text": "AAAA"}],
)  # fmt: skip
def test_pieces_that_are_none_are_refused(piece: Any) -> None:
    """Whatever a browser sends in the name of the widget."""
    with pytest.raises(result_uploads.RefusedError, match="^no_zip$"):
        result_uploads.Upload().take(piece)


def test_a_hundred_megabytes_are_not_taken() -> None:
    """The piece that exceeds the limit ends it, whatever comes after it; what came before is let go."""
    upload, text = result_uploads.Upload(), base64.b64encode(bytes(1_000_000)).decode()
    for number in range(5):
        assert upload.take({"number": number, "of": 100, "text": text}) is None
    for number in range(5, 100):
        with pytest.raises(result_uploads.RefusedError, match="^large$"):
            upload.take({"number": number, "of": 100, "text": text})
    assert upload._pieces == []
    assert upload.take({"number": 0, "of": 2, "text": text}) is None


# Reports


def test_a_result_is_read_into_parts_that_a_browser_can_show(root: Path) -> None:
    """Headings and parts belong together; figures are images with words; no path of the server is in it."""
    asked = results.Asked.of(root / "class" / "run", "zh", "results/run")
    opened = results.read(asked)
    head = json.loads(opened.head)
    assert len(opened.parts) == len(head["headings"]) + len(head["extra"])
    assert head["banner"]
    parts = [json.loads(results.part(opened, results.Wish(part=number))) for number in range(len(opened.parts))]
    pictures = [one for part in parts for one in part["parts"] if "picture" in one]
    assert pictures
    assert all(one["alt"] and one["picture"].startswith("data:image/svg+xml;base64,") for one in pictures)
    assert str(root) not in opened.head + "".join(opened.parts)
    assert results.part(opened, results.Wish(part=99)) == opened.parts[0]


def test_wild_wishes_never_leave_what_is_allowed() -> None:
    """A thousand addresses for the two pages."""
    wild = random.Random(3)
    keys = ["folder", "part", "across", "down", "outcome", "who", "profile", "consumer", "x"]
    for _ in range(1_000):
        text = "?" + "&".join(f"{wild.choice(keys)}={wild.choice(WILD)}" for _ in range(wild.randint(0, 6)))
        result, life = results.wish(text), lives.wish(text)
        assert 0 <= result.part <= results.MOST_PARTS
        assert all(len(one) <= results.LONGEST_NAME for one in (result.folder, result.across, result.outcome))
        assert life.who in WHO
        assert -1 <= life.consumer < lives.LARGEST_NUMBER
        assert results.wish(result.query()) == result
        assert lives.wish(life.query()) == life


@pytest.mark.parametrize("asked", [None, 3, [1], {"part": {}}, {"part": "100"}, {"folder": 7}, {"who": ["x"]}, {1: 2}])
def test_a_widget_can_wish_for_nothing_that_an_address_cannot(asked: Any) -> None:
    """The same check stands before both."""
    assert results.Wish().change(asked) == results.Wish()
    assert lives.Wish().change(asked) == lives.Wish()


def test_a_response_map_holds_the_means_of_its_cells() -> None:
    """Every finished run falls into one cell; the mean of a cell is that of its runs."""
    luck = np.random.default_rng(5)
    count = 60
    runs = pd.DataFrame({"point": range(count), "run_id": [f"{i:08x}" for i in range(count)], "seed": 1})
    runs["status"] = ["failed" if i == 3 else "done" for i in range(count)]
    runs["a.price"], runs["b.word"] = luck.uniform(0.0, 10.0, count), luck.choice(["x", "y"], count)
    runs["share"] = 0.01 * runs["a.price"]
    case = Case.load("jd-gac-catl")
    found = response.mapped(runs, ("a.price", "b.word"), case, "en", ("", "", "nonsense"))["map"]
    assert (found["across"], found["down"], found["outcome"]) == ("a.price", "b.word", "share")
    assert (len(found["columns"]), found["rows"]) == (response.BINS, ["x", "y"])
    assert sum(cell["runs"] for cell in found["cells"]) == count - 1
    done = runs[runs["status"] == "done"]
    total = sum(cell["runs"] * cell["value"] for cell in found["cells"] if cell["runs"])
    assert total == pytest.approx(100.0 * done["share"].sum())
    turned = response.mapped(runs, ("a.price", "b.word"), case, "en", ("b.word", "", ""))["map"]
    assert (turned["across"], turned["down"]) == ("b.word", "a.price")


# The pages, drawn without a browser


def drawn(page: str, search: str) -> Any:
    """A page at an address, as Solara draws it."""
    from dashboards import pages

    _, context = solara.render(
        solara.RoutingProvider(
            children=[pages.market.Frame(children=[getattr(pages, page).Page()])],
            routes=pages.routes,
            pathname=f"/{'life' if page == 'story' else page}?{search}",
        ),
        handle_error=False,
    )
    return context


def test_without_a_root_the_page_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a link to a result leads to a kind word."""
    monkeypatch.delenv(server.ROOT_VARIABLE, raising=False)
    for search, state in (("lang=en", "none"), ("lang=en&folder=../../etc", "refused")):
        context = drawn("results", search)
        assert piece(context, "head", "state").state == state
        context.close()


def test_a_visitor_opens_a_result_and_its_parts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the list to the result; whatever is asked for that does not exist is refused politely."""
    monkeypatch.setitem(os.environ, server.ROOT_VARIABLE, str(root))
    context = drawn("results", "lang=en&folder=class/run&part=1")
    listed = json.loads(piece(context, "places", "chosen").places)
    assert [one["id"] for one in listed if one["id"] == "class/run"]
    assert piece(context, "head", "state").state in ("", "reading")
    piece(context, "places", "chosen").vue_choose({"folder": "../.."})
    assert piece(context, "head", "state").state == "refused"
    piece(context, "places", "chosen").vue_piece({"number": 0, "of": 1, "text": "AAAA"})
    assert piece(context, "places", "chosen").fault == "no_zip"
    context.close()
