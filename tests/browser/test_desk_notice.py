"""A ring is noticed while one looks elsewhere: the system's notification, a tone on the device of choice."""

from __future__ import annotations

from browser.desk_scene import AtDesk, maria
from browser.kit import Place, Visitors, faults_for_everybody, picture
from playwright.async_api import Page, expect
from unit.screenpop.fakes import about

from ami_bridge.domain import events
from crm_core.domain.lines import Line

# What the system was asked to show; a page in the background is one that says it is hidden.
LISTENS = """
window.told = [];
window.Notification = class extends EventTarget {
  static permission = 'granted';
  static requestPermission = async () => Notification.permission;
  constructor(title, options) {
    super();
    Object.assign(this, { title, ...options, isOpen: true });
    window.told.push(this);
  }
  close() { this.isOpen = false; }
};
window.isHidden = true;
Object.defineProperty(Document.prototype, 'hidden', { get: () => window.isHidden });
"""


async def wishing(visitors: Visitors, *, allowed: bool = True) -> Page:
    """Return Ana's page, where she asked for notifications."""
    visitors.expect("404")  # where scripts are prepared there is no page's icon
    page = await visitors.visit("ana", "/static/css/tokens.css")
    await page.add_init_script(LISTENS + ("" if allowed else "Notification.permission = 'denied';"))
    await page.goto(page.url.replace("/static/css/tokens.css", "/"))
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    await page.locator("#alerts").click()
    await page.locator("#notify").click()
    return page


async def told(page: Page) -> list[dict[str, object]]:
    found: list[dict[str, object]] = await page.evaluate(
        "told.map(({title, body, tag, isOpen}) => ({title, body, tag, isOpen}))"
    )
    return found


async def test_a_ring_in_the_background_is_told_once_and_taken_back(visitors: Visitors, place: Place) -> None:
    place.context.lines.learn([Line(pbx="main", kind="did", code="5551001", name="Hostelería Sur")])
    page, desk = await wishing(visitors), AtDesk(place)
    await expect(page.locator("#notify")).to_have_attribute("aria-pressed", "true")

    call = desk.comes(card=maria())
    await expect(page).to_have_title(
        "Llama Hostelería Guadalquivir, S.L. · María del Carmen Fernández-Villaverde Ruiz"
    )

    notice = {
        "title": "Llama María del Carmen Fernández-Villaverde Ruiz",
        "body": "Hostelería Guadalquivir, S.L. · Hostelería Sur",
        "tag": f"centralita-{call.id}",
        "isOpen": True,
    }
    assert await told(page) == [notice]
    desk.answers(call)
    await expect(page.locator("#line")).to_have_attribute("data-line", "talking")
    assert await told(page) == [notice | {"isOpen": False}]


async def test_who_calls_is_told_when_it_is_known(visitors: Visitors, place: Place) -> None:
    page, desk = await wishing(visitors), AtDesk(place)
    call = desk.comes()
    await expect(page.locator(".callcard")).to_have_attribute("data-kind", "looking")
    place.stage.cards.cards[call.id] = maria()
    place.stage.happens(about(events.CallMatched, call, match=maria().match))
    await expect(page.locator(".callcard")).to_have_attribute("data-kind", "known")
    first, last = await told(page)
    assert (first["title"], last["title"]) == (
        "Llama 957 21 20 00",
        "Llama María del Carmen Fernández-Villaverde Ruiz",
    )
    assert first["tag"] == last["tag"]


async def test_who_looks_at_the_page_is_told_nothing_more(visitors: Visitors, place: Place) -> None:
    page = await wishing(visitors)
    await page.evaluate("window.isHidden = false")
    AtDesk(place).comes(card=maria())
    await expect(page.locator(".callcard")).to_be_visible()
    assert await told(page) == []


async def test_what_the_browser_does_not_allow_is_said(visitors: Visitors, place: Place) -> None:
    page = await wishing(visitors, allowed=False)
    await expect(page.locator("#notify-err")).to_have_text(
        "El navegador no permite notificaciones de esta página."
    )
    await expect(page.locator("#notify")).to_have_attribute("aria-pressed", "false")
    assert await faults_for_everybody(page) == []
    await picture(page, "desk-alerts")
    AtDesk(place).comes(card=maria())
    await expect(page.locator(".callcard")).to_be_visible()
    assert await told(page) == []


async def test_the_tone_sounds_on_the_device_that_was_chosen(visitors: Visitors, place: Place) -> None:
    visitors.expect("404")  # where scripts are prepared there is no page's icon
    page = await visitors.visit("ana", "/static/css/tokens.css")
    await page.add_init_script(
        """
        AudioContext.prototype.setSinkId = async (id) => { document.documentElement.dataset.sink = id; };
        navigator.mediaDevices.enumerateDevices = async () => [
          { kind: 'audiooutput', deviceId: 'default', label: 'Default' },
          { kind: 'audiooutput', deviceId: 'desk', label: 'Altavoz de mesa' },
          { kind: 'audioinput', deviceId: 'mic', label: 'Micro' },
        ];
        """
    )
    await page.goto(place.origin)
    await page.locator("#sound").click()
    await page.locator("#alerts").click()
    await page.get_by_label("Dónde suena").select_option(label="Altavoz de mesa")
    await page.keyboard.press("Escape")
    await page.reload()
    await expect(page.locator("#line")).to_have_attribute("data-line", "free")
    AtDesk(place).comes(card=maria())
    await expect(page.locator("html")).to_have_attribute("data-sink", "desk")
