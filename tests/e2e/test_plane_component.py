"""The stage in a real browser: what follows the hand, what Python hears, what a keyboard and a screen reader get."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dashboard.components.plane import Nudge
from dashboard.components.plane.figures import finding
from tests.browser import app, errors, page, settled
from tests.e2e.apps.plane_scenes import DEFAULTS, SCENES

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Run the small app once for all tests here."""
    with app("tests/e2e/apps/plane_app.py") as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    """Keep one browser page; every test loads it anew."""
    with page() as opened:
        opened.sent = []
        opened.on("websocket", lambda socket: socket.on("framesent", lambda frame: opened.sent.append(frame)))  # noqa: PLW0108
        yield opened


def opened(browser: Page, address: str, scene: str = "chain", width: int = 1440) -> Page:
    """Load one scene and wait until it stands still."""
    browser.set_viewport_size({"width": width, "height": 900})
    browser.goto(f"{address}?scene={scene}")
    browser.wait_for_selector(".stage .curves *, .stage .dots *", state="attached")
    settled(browser)
    return browser


def middle(view: Page, query: str) -> tuple[float, float]:
    """Return the centre of an element in the page."""
    box = view.locator(query).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def commits(view: Page, count: int) -> str:
    """Wait for so many commits and return what Python says of the last one."""
    said = view.get_by_text(re.compile(rf"^commits {count}\b"))
    expect(said).to_be_visible()
    return said.inner_text()


def shown(view: Page) -> dict[str, str]:
    """Return all that has to follow the handle."""
    return {
        "finding": view.locator(".finding").inner_text(),
        "quality": view.locator("[data-card=quality] .big").inner_text(),
        "cost": view.locator("[data-card=x] .big").inner_text(),
        "sends": view.locator("[data-card=sends] .big").inner_text(),
        "money": view.locator("[data-card=money] .big").inner_text(),
        "ring": view.locator(".ring").get_attribute("style"),
        "handle": view.locator(".handle").get_attribute("style"),
        "control": view.locator(".random").get_attribute("style"),
        "flow": view.locator(".seg").first.get_attribute("style"),
        "knob": view.locator("output").first.inner_text(),
        "range": view.locator("#r0").input_value(),
        "spoken": view.locator(".at-handle").get_attribute("aria-valuetext"),
    }


def test_everything_follows_the_drag_without_asking_python(browser, address):
    """While the ring is dragged all figures move and nothing is sent; on release exactly one commit arrives."""
    view = opened(browser, address)
    start, (x, y) = shown(view), middle(view, ".at-ring")
    view.mouse.move(x, y)
    view.mouse.down()
    before = len(view.sent)
    seen = [start]
    for step in (40, 90, 140):
        view.mouse.move(x - step, y, steps=5)
        view.wait_for_timeout(60)
        seen.append(shown(view))
    assert len(view.sent) == before
    for earlier, later in pairwise(seen):
        assert not {name for name in later if later[name] == earlier[name]}
    view.mouse.up()
    last = commits(view, 1)
    assert len(view.sent) == before + 1
    assert "set a t1" in last
    assert float(last.split()[-1]) == pytest.approx(float(seen[-1]["knob"]), abs=6e-4)
    assert errors(view) == []


def test_the_ring_stays_on_the_drawn_test_curve(browser, address):
    """At every place of a drag the ring's centre lies on the selected curve's polyline."""
    view = opened(browser, address)
    x, y = middle(view, ".at-ring")
    view.mouse.move(x, y)
    view.mouse.down()
    for step in (25, 75, 150, 220):
        view.mouse.move(x - step, y, steps=3)
        view.wait_for_timeout(50)
        far = view.evaluate(
            """() => { const root = document.querySelector('[data-testid="stBidiComponentIsolated"]').shadowRoot;
            const [x, y] = root.querySelector('.ring').style.transform.match(/-?[\\d.]+/g).map(Number);
            const path = root.querySelector('.curve.is-selected'), long = path.getTotalLength();
            let best = 1e9;
            for (let s = 0; s <= long; s += 0.5) {
              const p = path.getPointAtLength(s);
              best = Math.min(best, Math.hypot(p.x - x, p.y - y));
            }
            return best; }"""
        )
        assert far < 0.6
    view.mouse.up()
    commits(view, 1)


def test_the_handle_moves_by_keyboard(browser, address):
    """Arrows, PageUp, Home and End move the handle, presses in a row are one commit, and the result is read out."""
    view = opened(browser, address)
    handle = view.locator(".at-handle")
    handle.focus()
    places = [float(handle.get_attribute("aria-valuenow"))]
    for key in ("ArrowRight", "PageUp", "End", "Home"):
        view.keyboard.press(key)
        places.append(float(handle.get_attribute("aria-valuenow")))
    assert places[0] <= places[1] < places[2] < places[3]
    assert places[4] == pytest.approx(float(handle.get_attribute("aria-valuemin")), rel=1e-3)
    assert "set a t1" in commits(view, 1)
    assert "quality" in view.locator(".aloud").inner_text()
    settled(view)
    assert handle.evaluate("el => el.getRootNode().activeElement === el")


def test_a_slider_keeps_the_focus_over_the_rerun(browser, address):
    """The knob's own slider follows in the frame, commits once, and is still focused when Python has answered."""
    view = opened(browser, address)
    slider = view.locator("#r1")
    slider.focus()
    was = view.locator(".finding").inner_text()
    for _ in range(8):
        view.keyboard.press("PageUp")
    expect(view.locator(".finding")).not_to_have_text(was)
    assert "set a t2" in commits(view, 1)
    settled(view)
    assert slider.evaluate("el => el.getRootNode().activeElement === el")


def test_floor_and_budget_cut_away_and_come_off(browser, address):
    """Dragged in from the axes they dim what doesn't qualify, survive a new scene, and a double click removes them."""
    view = opened(browser, address)
    for query, dx, dy in ((".at-floor", 0, -150), (".at-budget", -200, 0)):
        x, y = middle(view, query)
        view.mouse.move(x, y)
        view.mouse.down()
        view.mouse.move(x + dx, y + dy, steps=4)
        view.mouse.up()
        settled(view)
    assert view.locator(".dots .off").count() >= 2
    assert "floor" not in view.locator(".at-floor").get_attribute("aria-valuetext")
    view.locator(".at-handle").focus()
    view.keyboard.press("Home")
    commits(view, 3)
    expect(view.locator("[data-card=quality]")).to_have_class(re.compile("warn"))
    view.locator(".at-floor").dblclick()
    commits(view, 4)
    assert view.locator(".at-floor").get_attribute("aria-valuetext") == "no floor"


def test_strategies_and_dots_can_be_chosen(browser, address):
    """A click on a name selects the strategy at once; Enter on a model asks Python for what is behind it."""
    view = opened(browser, address)
    view.get_by_role("button", name="Blind escalation").click()
    expect(view.locator(".finding")).to_contain_text("Blind escalation")
    assert "select c" in commits(view, 1)
    view.locator(".names button").first.focus()
    view.keyboard.press("ArrowRight")
    view.keyboard.press("Enter")
    assert "open" in commits(view, 2)


def test_two_quick_actions_both_arrive(browser, address):
    """A strategy chosen right after a release does not swallow the released setting."""
    view = opened(browser, address)
    x, y = middle(view, ".at-ring")
    other = view.get_by_role("button", name="Blind escalation").bounding_box()
    view.mouse.move(x, y)
    view.mouse.down()
    view.mouse.move(x - 60, y, steps=3)
    view.mouse.up()
    view.mouse.click(other["x"] + 20, other["y"] + 10)
    assert "select c" in commits(view, 2)
    settled(view)
    expect(view.locator(".finding")).to_contain_text("Blind escalation")


def test_a_click_on_a_model_opens_it(browser, address):
    """A click on a dot commits that dot and moves nothing."""
    view = opened(browser, address)
    knob = view.locator("output").first.inner_text()
    x, y = middle(view, "circle.model >> nth=1")
    view.mouse.click(x, y)
    assert commits(view, 1).endswith("mixtral-8x7b")
    assert view.locator("output").first.inner_text() == knob


def test_hover_shows_one_card(browser, address):
    """The card under the pointer names the model and its quality, and goes when the pointer leaves."""
    view = opened(browser, address)
    x, y = middle(view, "circle.model >> nth=2")
    view.mouse.move(x, y)
    expect(view.locator(".tip")).to_contain_text("gpt-4")
    view.mouse.move(5, 5)
    expect(view.locator(".tip")).to_be_hidden()


@pytest.mark.parametrize("scene", sorted(SCENES))
def test_browser_and_twin_say_the_same(browser, address, scene):
    """The sentence of the component is the sentence of the pure-Python twin."""
    view = opened(browser, address, scene)
    assert view.locator(".finding").inner_text() == finding(SCENES[scene](copy.deepcopy(DEFAULTS)), Nudge(slot="a", settings=DEFAULTS))
    assert not re.search(r"\bNaN\b|undefined|Infinity", view.locator(".stage").inner_text())


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_accessible_and_whole_in_every_size(browser, address, width, mode):
    """Axe finds nothing serious, nothing overflows sideways, labels stay apart, the console is silent."""
    browser.emulate_media(color_scheme=mode)
    view = opened(browser, address, "crowd", width)
    found = [(v["impact"], v["id"]) for v in Axe().run(view).response["violations"]]
    assert [one for one in found if one[0] in ("serious", "critical")] == []
    assert view.evaluate("document.documentElement.scrollWidth") <= width
    boxes = [name.bounding_box() for name in view.locator("text.name").all()]
    apart = [
        a["x"] + a["width"] <= b["x"] + 1 or b["x"] + b["width"] <= a["x"] + 1 or abs(a["y"] - b["y"]) >= 11
        for i, a in enumerate(boxes)
        for b in boxes[:i]
    ]
    assert len(boxes) >= 4
    assert all(apart)
    assert view.locator(".stage").get_attribute("data-mode") == mode
    assert errors(view) == []
    browser.emulate_media(color_scheme="light")


def test_missing_numbers_are_said_never_shown(browser, address):
    """Whichever strategy is chosen, what isn't known is called so; no NaN, no undefined, no error."""
    view = opened(browser, address, "odd")
    scene = SCENES["odd"](copy.deepcopy(DEFAULTS))
    for strategy in scene.strategies:
        view.locator(".strategies button", has_text=strategy.title).click()
        assert view.locator(".finding").inner_text() == finding(scene, Nudge(slot=strategy.slot, settings=DEFAULTS))
        assert not re.search(r"NaN|undefined|Infinity|null", view.locator(".stage").evaluate("el => el.outerHTML"))
        settled(view)
    assert errors(view) == []


def test_log_and_linear(browser, address):
    """The scale can be switched where every x is above zero, and the log button is off where one is not."""
    view = opened(browser, address)
    ring = view.locator(".ring").get_attribute("style")
    view.get_by_role("button", name="linear").click()
    expect(view.locator(".ring")).not_to_have_attribute("style", ring)
    assert opened(browser, address, "pair").get_by_role("button", name="log").is_disabled()


def test_height_does_not_jump(browser, address):
    """The stage keeps its height through a drag, a selection and a rerun."""
    view = opened(browser, address)
    height = view.locator(".stage").bounding_box()["height"]
    view.locator(".at-handle").focus()
    view.keyboard.press("Home")
    commits(view, 1)
    settled(view)
    assert view.locator(".stage").bounding_box()["height"] == pytest.approx(height, abs=2)


def test_the_stage_shows_what_python_set(browser, address):
    """A setting that Python changes moves the handle: the nudge is enough, the scene need not be sent again."""
    scene = SCENES["pair"](copy.deepcopy(DEFAULTS))
    view = opened(browser, address, "pair")
    nudge = {"slot": "a", "settings": {"a": {"t": 0.2}}, "exact": None, "what_changed": "set", "floor": None, "budget": None}
    view.evaluate("nudge => window.__routescope.stages.stage(nudge)", nudge)
    expect(view.locator("output").first).to_have_text("0.200")
    assert view.locator(".finding").inner_text() == finding(scene, replace(Nudge(slot="a"), settings={"a": {"t": 0.2}}))
