"""The pictures of the README, taken from the real page: `python tests/pictures.py` (needs `.[browser]` and Chromium).

Each is one view of the dashboard that anybody reaches by its address: the same case, seed and week give the same
picture. Few colours keep the files small.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from browsing import FLAGS, Server
from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER = Path(__file__).parents[1] / "docs" / "images"
PATIENCE = 400_000
"""Milliseconds: pairs of markets take their time."""

COLOURS = 256
APART = 7
"""Steps of red, green or blue between two colours of a picture."""

MARKET = "window.whosecar.state.market && window.whosecar.state.market.made === window.whosecar.state.weeks"
OPEN = "document.querySelector('.wc-panel .wc-fold button').click()"


@dataclass(frozen=True)
class Picture:
    """One picture: where it is taken, when it is ready, what is done first, and what of the page it shows."""

    name: str
    address: str
    ready: str
    width: int = 1280
    height: int = 860
    dark: bool = False
    act: str = ""
    """JavaScript that is run when the page is ready"""
    part: str = ""
    """selector of the part that is shown; empty: what is in sight"""


PICTURES = (
    Picture(
        "first", "/?lang=en&shown=1", "document.body.innerText.includes('over 8 pairs')"
    ),
    Picture("market", "/market?case=jd-gac-catl&lang=en&week=104&consumers=100000", MARKET),
    Picture(
        "act",
        "/market?case=jd-gac-catl&lang=en&week=96&by=car&shape=focal&acts=1.price.52.15.ut_super",
        "!document.querySelector('.wc-trying') && document.querySelector('.wc-effect dd b')",
        part=".wc-acts",
    ),
    Picture(
        "blame", "/market?case=jd-gac-catl&lang=zh&week=60&names=fictional", MARKET, dark=True, act=OPEN, part=".wc-panel"
    ),
    Picture(
        "compare",
        "/compare?case=virtual-maker&lang=en&pairs=4",
        "document.querySelector('.wc-compare-going') && !document.querySelector('.wc-compare-going button')",
        height=1000,
    ),
    Picture(
        "life",
        "/life?case=jd-gac-catl&lang=en&names=fictional",
        "document.querySelectorAll('.wc-life-line li').length",
        height=760,
    ),
    Picture("phone", "/market?case=jd-gac-catl&lang=zh&week=104&names=fictional", MARKET, width=390, height=844, dark=True),
)  # fmt: skip


def small(picture: bytes) -> bytes:
    """The same picture in 256 colours: its most frequent ones that can be told apart, so that no flat one changes."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"), np.int32)
    codes, place, count = np.unique(pixels @ np.array([65_536, 256, 1]), return_inverse=True, return_counts=True)
    found = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1)
    far = np.full(len(found), APART)
    kept: list[int] = []
    while len(kept) < COLOURS and (far >= APART).any():
        kept.append(int(np.argmax(np.where(far >= APART, count, 0))))
        far = np.minimum(far, np.abs(found - found[kept[-1]]).max(axis=1))
    apart = np.square(found[:, None] - found[kept]).sum(axis=2)
    image = Image.fromarray(apart.argmin(axis=1)[place].reshape(pixels.shape[:2]).astype(np.uint8), "P")
    image.putpalette(found[kept].ravel().tolist())
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def take(browser: Browser, address: str, picture: Picture) -> bytes:
    """Open a view, wait until it is ready, and take its picture."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.dark else "light",
        device_scale_factor=2 if picture.width < 600 else 1,
    )
    try:
        page = context.new_page()
        page.goto(address + picture.address)
        page.wait_for_function(f"() => Boolean(window.whosecar && ({picture.ready}))", timeout=PATIENCE)
        if picture.act:
            page.evaluate(picture.act)
        page.wait_for_timeout(1_500)
        found = page.locator(picture.part).first.screenshot() if picture.part else page.screenshot()
    finally:
        context.close()
    return small(found)


def of_assumptions(answer: Path) -> bytes:
    """Which assumptions move blame over control, from the last figure of an answer's page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            page = browser.new_page(viewport={"width": 1100, "height": 900})
            page.goto((answer / "answer.html").resolve().as_uri())
            return small(page.locator("figure").last.screenshot())
        finally:
            browser.close()


def chromium() -> str:
    """Where the browser is; without one the script ends."""
    path = next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )
    return path or sys.exit("no Chromium: apt-get install chromium fonts-noto-cjk")


def main() -> None:
    """Take all pictures, or those that are named."""
    names = [picture.name for picture in PICTURES]
    parser = argparse.ArgumentParser(description="Take the pictures of the README from the real page.")
    parser.add_argument("names", nargs="*", help="which (default: all)")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the pictures (default: docs/images)")
    parser.add_argument("--answer", type=Path, help="only the figure of a folder that `whosecar answer --out` filled")
    asked = parser.parse_args()
    from playwright.sync_api import sync_playwright

    path = chromium()
    asked.out.mkdir(parents=True, exist_ok=True)
    if asked.answer is not None:
        (asked.out / "assumptions.png").write_bytes(of_assumptions(asked.answer))
        return
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        server = Server(Path(folder))
        browser = started.chromium.launch(executable_path=path, args=FLAGS)
        try:
            for picture in PICTURES:
                if picture.name in (asked.names or names):
                    content = take(browser, server.address, picture)
                    (asked.out / f"{picture.name}.png").write_bytes(content)
                    sys.stdout.write(f"{picture.name}: {len(content):,} bytes\n")
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()
