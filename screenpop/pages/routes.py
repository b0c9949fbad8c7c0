"""All pages. Each module says which, and who may open them."""

from __future__ import annotations

from screenpop.pages import (
    audit,
    board,
    call,
    calls,
    campaigns,
    connect,
    customers,
    desk,
    desk_preview,
    incident_setup,
    incidents,
    lost,
    own_account,
    privacy,
    retention,
    search,
    seat,
    settings,
    sign_in,
    why,
)

routes = (
    *sign_in.routes,
    *seat.routes,
    *desk.routes,
    *desk_preview.routes,
    *campaigns.routes,
    *customers.routes,
    *board.routes,
    *calls.routes,
    *call.routes,
    *incidents.routes,
    *incident_setup.routes,
    *why.routes,
    *lost.routes,
    *connect.routes,
    *search.routes,
    *audit.routes,
    *settings.routes,
    *own_account.routes,
    *privacy.routes,
    *retention.routes,
)
