"""What we know, by keyboard: written, published, taken back, proposed beside an incident; for everybody."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from browser.incident_scene import HOSTILE, furnish
from browser.kit import Place, Visitors, faults, faults_at_widths, faults_for_everybody, picture
from playwright.async_api import expect

from crm_core.domain.knowledge import Article
from crm_core.services import knowledge

TEXT = f"""# Antes de nada

Mida la temperatura **dos veces**: {HOSTILE}

1. Limpie el condensador
2. Mire la [hoja](https://example.com/hoja) y el [resto](javascript:alert(1))

## Si sigue igual

`E-07` es el sensor.

```
defrost --now
```
"""
KEY = "01931f00-0000-7000-8000-0000000000f1"


async def write(place: Place, key: str = KEY, **more: Any) -> Article:
    now = place.context.now()
    facts: dict[str, Any] = {
        "title_es": f"Cámara que no enfría {HOSTILE}",
        "text_es": TEXT,
        "stand": "published",
        "is_public": True,
        "created_by": "u-eva",
        "updated_by": "u-eva",
    }
    made: Article = await place.db.run(
        knowledge.add, article=Article(id=key, created_at=now, updated_at=now, **facts | more), now=now
    )
    return made


async def everything(place: Place) -> str:
    """Write some articles, one of which helped; return the id of an incident with its words."""
    scene = await furnish(place)
    await write(place)
    await write(
        place, f"{KEY[:-2]}f2", title_es="Alarma de puerta", text_es="Cierre.", stand="draft", is_public=False
    )
    await write(
        place, f"{KEY[:-2]}f3", title_es=None, text_es=None, title_en="Loading dock", text_en="Grease it."
    )
    incident = scene.incidents["Cámara"].id
    await place.db.run(
        knowledge.link, article_id=f"{KEY[:-2]}f3", incident_id=incident, by="u-ana", now=place.context.now()
    )
    return incident


@pytest.mark.parametrize("name", ["knowledge", "article", "incident-articles", "faq", "faq-one"])
async def test_a_page_is_for_everybody(visitors: Visitors, place: Place, name: str) -> None:
    incident = await everything(place)
    show_to_everybody(place)
    path = {
        "knowledge": "/knowledge",
        "article": f"/knowledge/{KEY}",
        "incident-articles": f"/incidents/{incident}",
        "faq": "/faq",
        "faq-one": f"/faq/{KEY}",
    }[name]
    page = await visitors.visit(None if "faq" in name else "eva", path)
    await expect(page.locator("h1")).to_be_visible()
    assert await faults_for_everybody(page) == []
    await picture(page, f"{name}-es-dark")
    assert await faults_at_widths(page, name) == []
    page = await visitors.visit(
        None if "faq" in name else "sue", f"{path}?language=en" if "faq" in name else path
    )
    assert await faults(page) == []
    await picture(page, f"{name}-en-light")


def show_to_everybody(place: Place) -> None:
    object.__setattr__(place.context, "settings", replace(place.context.settings, public_faq=True))


async def test_an_article_is_written_published_and_taken_back(visitors: Visitors, place: Place) -> None:
    await furnish(place)
    visitors.expect("422")
    page = await visitors.visit("eva", "/knowledge")
    await page.keyboard.press("n")
    await page.keyboard.press("a")
    await expect(page.locator("#k-title_es")).to_be_focused()
    await page.keyboard.type(f"Ruido {HOSTILE}")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#k-text_es")).to_be_focused()
    await page.keyboard.type("Apriete el tornillo.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("h1")).to_have_text(f"Ruido {HOSTILE}")
    await expect(page.locator("#facts-h")).to_have_text("Borrador")
    await page.locator('[data-stand="published"]').click()
    await expect(page.locator("#facts-h")).to_have_text("Publicado")
    await expect(page.locator("#done")).to_be_visible()
    await page.keyboard.press("u")
    await expect(page.locator("#facts-h")).to_have_text("Borrador")
    await page.wait_for_load_state()
    await page.keyboard.press("e")
    await expect(page.locator("#k-title_es")).to_have_value(f"Ruido {HOSTILE}")
    await page.locator("#k-text_es").fill("Cambie el rodamiento.")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".written")).to_have_text("Cambie el rodamiento.")
    await expect(page.locator("#done")).to_be_visible()
    await page.keyboard.press("u")
    await expect(page.locator(".written")).to_have_text("Apriete el tornillo.")


async def test_it_is_proposed_and_said_to_have_helped(visitors: Visitors, place: Place) -> None:
    incident = await everything(place)
    page = await visitors.visit("ana", f"/incidents/{incident}")
    panel = page.locator("#articles")
    await panel.get_by_role("button", name=re.compile("Cámara que no")).click()
    await expect(panel.locator("[data-unsolved]")).to_have_count(2)
    await page.keyboard.press("u")
    await expect(panel.locator("[data-unsolved]")).to_have_count(1)
    await panel.locator("#articles-q").fill("condensador")
    await page.keyboard.press("Enter")
    await panel.locator("#articles-found [data-solved]").click()
    await expect(panel.locator("[data-unsolved]")).to_have_count(2)
    await panel.get_by_role("link", name=re.compile("Cámara que no")).click()
    await expect(page.locator("[aria-labelledby=helped-h]")).to_contain_text("Cámara frigorífica no enfría")


async def test_it_is_found_from_everywhere(visitors: Visitors, place: Place) -> None:
    await everything(place)
    page = await visitors.visit("ana", "/incidents")
    await page.keyboard.press("/")
    await page.keyboard.type("condensador")
    await expect(page.get_by_role("option", name=re.compile("Cámara que no"))).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(f"/knowledge/{KEY}"))
    await expect(page.locator(".written a")).to_have_count(1)
    await expect(page.locator("#edit")).to_have_count(0)


async def test_the_list_is_walked_and_filtered(visitors: Visitors, place: Place) -> None:
    await everything(place)
    page = await visitors.visit("ana", "/knowledge")
    await expect(page.locator("#found tbody tr")).to_have_count(3)
    await page.keyboard.press("j")
    await expect(page.locator("#found tbody a").first).to_be_focused()
    await page.locator("#q").fill("grease")
    await page.keyboard.press("Enter")
    await expect(page.locator("#found tbody")).to_contain_text("Loading dock")
    await expect(page.locator("#found tbody tr")).to_have_count(1)
