from browser.desk_scene import *
from browser.kit import *
async def test_it(visitors, place):
    page = await visitors.visit("ana")
    await page.wait_for_selector("#line[data-line=free]")
    await picture(page, "idle0")
    desk = AtDesk(place)
    desk.comes(card=maria())
    await page.wait_for_selector(".callcard")
    await picture(page, "ring0")
