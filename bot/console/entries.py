"""Every page of the console, one entry each."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot.console import (
    account,
    audit,
    broadcast_editing,
    broadcast_results,
    broadcasts,
    calls,
    charts,
    export,
    home_desk,
    homes,
    law,
    people,
    privacy,
    queue,
    reminders,
    setting_up,
    signing_in,
    simple,
    staff,
    talks,
    tenancies,
    today,
)
from bot.console.broadcast_editing import LARGEST
from bot.console.desk import Desk
from bot.console.errand import Errand, NotHere
from bot.console.guard import Guard, Page


async def nowhere(errand: Errand) -> Response:
    """A path that no page has; a slash too many is forgiven."""
    if not errand.request.path_params["path"]:
        return errand.go("/console")
    raise NotHere


PAGES: tuple[Page, ...] = (
    Page("/console", "GET", "use_console", today.show),
    Page("/console/sign-in", "GET", "anybody", signing_in.ask_password),
    Page("/console/sign-in", "POST", "anybody", signing_in.check_password),
    Page("/console/code", "GET", "password", signing_in.ask_code),
    Page("/console/code", "POST", "password", signing_in.check_code),
    Page("/console/sign-out", "POST", "anybody", signing_in.sign_out),
    Page("/console/set-up/{token}", "GET", "anybody", setting_up.ask),
    Page("/console/set-up/{token}", "POST", "anybody", setting_up.keep),
    Page("/console/account", "GET", "use_console", account.show),
    Page("/console/account/password", "POST", "use_console", account.change_password),
    Page("/console/account/language", "POST", "use_console", account.change_language),
    Page("/console/account/sessions", "POST", "use_console", account.end_other_sessions),
    Page("/console/account/chat-code", "POST", "use_console", account.chat_code),
    Page("/console/account/unlink", "POST", "use_console", account.unlink_chat),
    Page("/console/law", "GET", "use_console", law.show),
    Page("/console/staff", "GET", "manage_staff", staff.show_list),
    Page("/console/staff/new", "GET", "manage_staff", staff.show_new),
    Page("/console/staff/new", "POST", "manage_staff", staff.add),
    Page("/console/staff/{number:int}", "GET", "manage_staff", staff.show),
    Page("/console/staff/{number:int}", "POST", "manage_staff", staff.change),
    Page("/console/staff/{number:int}/reset", "POST", "manage_staff", staff.reset),
    Page("/console/staff/{number:int}/disable", "POST", "manage_staff", staff.disable),
    Page("/console/staff/{number:int}/enable", "POST", "manage_staff", staff.enable),
    Page("/console/queue", "GET", "view_queue", queue.show),
    Page("/console/queue/next", "POST", "decide", queue.take_next),
    Page("/console/queue/simple", "GET", "decide", simple.show),
    Page("/console/queue/simple", "POST", "decide", simple.approve),
    Page("/console/queue/{number}", "GET", "see_personal_data", queue.show_one),
    Page("/console/queue/{number}/papers/{file}", "GET", "see_personal_data", queue.paper),
    Page("/console/queue/{number}/take", "POST", "decide", queue.take),
    Page("/console/queue/{number}/approve", "POST", "decide", queue.approve),
    Page("/console/queue/{number}/ask", "POST", "decide", queue.ask),
    Page("/console/queue/{number}/refuse", "POST", "decide", queue.refuse),
    Page("/console/queue/{number}/give-back", "POST", "decide", queue.give_back),
    Page("/console/homes", "GET", "see_personal_data", homes.show),
    Page("/console/homes/{code}", "GET", "see_personal_data", homes.show_one),
    Page("/console/homes/{code}/posters/{kind}", "GET", "tend_homes", home_desk.poster),
    Page("/console/homes/{code}/confirm", "POST", "tend_homes", home_desk.confirm),
    Page("/console/homes/{code}/refuse", "POST", "tend_homes", home_desk.refuse),
    Page("/console/homes/{code}/codes", "POST", "tend_homes", home_desk.replace_codes),
    Page("/console/homes/{code}/visits", "POST", "tend_homes", home_desk.visit),
    Page("/console/tenancies", "GET", "tend_homes", tenancies.show),
    Page("/console/tenancies/{tenancy:int}", "GET", "tend_homes", tenancies.show_one),
    Page("/console/tenancies/{tenancy:int}", "POST", "tend_homes", tenancies.settle),
    Page("/console/people", "GET", "see_personal_data", people.ask),
    Page("/console/people", "POST", "see_personal_data", people.search),
    Page("/console/people/{person:int}", "GET", "see_personal_data", people.show),
    Page("/console/people/{person:int}", "POST", "see_personal_data", people.unmask),
    Page("/console/talks", "GET", "answer_talks", talks.show),
    Page("/console/talks/rows", "GET", "answer_talks", talks.rows, keeps_awake=False),
    Page("/console/talks/{talk:int}", "GET", "answer_talks", talks.show_one),
    Page("/console/talks/{talk:int}/lines", "GET", "answer_talks", talks.lines, keeps_awake=False),
    Page("/console/talks/{talk:int}/files/{file}", "GET", "answer_talks", talks.file),
    Page("/console/talks/{talk:int}/take", "POST", "answer_talks", talks.take),
    Page("/console/talks/{talk:int}/say", "POST", "answer_talks", talks.say),
    Page("/console/talks/{talk:int}/give", "POST", "answer_talks", talks.give),
    Page("/console/talks/{talk:int}/hand-back", "POST", "answer_talks", talks.hand_back),
    Page("/console/calls", "GET", "reach_people", calls.show),
    Page("/console/calls", "POST", "reach_people", calls.show_contacts),
    Page("/console/calls/{call:int}/told", "POST", "reach_people", calls.told),
    Page("/console/reminders", "GET", "reach_people", reminders.show),
    Page("/console/reminders/{reminder:int}/told", "POST", "reach_people", reminders.told),
    Page("/console/privacy", "GET", "answer_privacy", privacy.show),
    Page("/console/privacy/{request:int}", "GET", "answer_privacy", privacy.show_one),
    Page("/console/privacy/{request:int}", "POST", "answer_privacy", privacy.answer),
    Page("/console/broadcasts", "GET", "publish", broadcasts.show),
    Page("/console/broadcasts", "POST", "publish", broadcasts.begin),
    Page("/console/broadcasts/forget", "POST", "publish", broadcast_editing.forget_audience),
    Page("/console/broadcasts/{cast:int}", "GET", "publish", broadcasts.show_one),
    Page("/console/broadcasts/{cast:int}/edit", "GET", "publish", broadcast_editing.ask),
    Page("/console/broadcasts/{cast:int}/edit", "POST", "publish", broadcast_editing.save, largest=LARGEST),
    Page("/console/broadcasts/{cast:int}/preview", "POST", "publish", broadcast_editing.preview, largest=LARGEST),
    Page("/console/broadcasts/{cast:int}/act", "POST", "publish", broadcasts.act),
    Page("/console/broadcasts/{cast:int}/test", "POST", "publish", broadcasts.test),
    Page("/console/broadcasts/{cast:int}/progress", "GET", "publish", broadcasts.progress, keeps_awake=False),
    Page("/console/broadcasts/{cast:int}/people", "GET", "publish", broadcast_results.people),
    Page("/console/broadcasts/{cast:int}/answers", "GET", "publish", broadcast_results.answers),
    Page("/console/broadcasts/{cast:int}/export", "POST", "publish", broadcast_results.export),
    Page("/console/charts", "GET", "see_statistics", charts.show),
    Page("/console/export", "GET", "export", export.show),
    Page("/console/export", "POST", "export", export.begin),
    Page("/console/export/made", "GET", "export", export.made, keeps_awake=False),
    Page("/console/audit", "GET", "see_audit", audit.show),
    Page("/console/{path:path}", "GET", "anybody", nowhere),
    Page("/console/{path:path}", "POST", "anybody", nowhere),
)


def routes(desk: Desk) -> list[BaseRoute]:
    """The pages behind their guards."""
    return [Route(page.path, Guard(desk, page).answer, methods=[page.method]) for page in PAGES]
