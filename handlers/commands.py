"""Words that work anywhere: back, skip, help, language, stop, my data, a person please …"""

from collections.abc import Callable
from dataclasses import replace

from handlers import engine
from handlers.command_words import after_word
from handlers.messages import Choice, Reply, control
from handlers.office import (
    accounts,
    badges,
    certificates,
    corrections,
    endings,
    handing_over,
    helped,
    importing,
    law_search,
    my_duties,
    my_home,
    my_homes,
    my_matters,
    mydata,
    notices,
    permit_rights,
    permit_talks,
    preferences,
    privacy,
    quiz,
    requests,
    talks,
)
from handlers.office.broadcasts import hearing, shouting
from handlers.reminders import answering
from handlers.turns import Turn
from handlers.visit import Visit

Command = Callable[[Visit, str], Turn | None]

BEFORE_GREETING = frozenset(
    {
        "language",
        "person",
        "link",
        "law",
        "quiz",
        "check",
        "home",
        "code",
        "privacy",
        "request",
        "permit",
        "rights",
        "import",
    }
)
BESIDE_STAFF = frozenset({"bot", "check", "read"})  # what the bot does though staff talk to the person


def carry_out(visit: Visit, command: str) -> Turn | None:
    """What a command leads to; None for words that are no command here."""
    name, _, argument = command.partition(":")
    entry = COMMANDS.get(name)
    return None if entry is None else entry(visit, argument)


def _in_a_talk(act: Command) -> Command:
    """A command that means something only while a form is being filled in; else it leads to the beginning."""

    def command(visit: Visit, argument: str) -> Turn | None:
        return act(visit, argument) if visit.is_talking else talks.welcome(visit)

    return command


def _back(visit: Visit, argument: str) -> Turn:
    return engine.back(visit.conversation, visit.form, visit.context)


def _skip(visit: Visit, argument: str) -> Turn:
    return engine.skip(visit.conversation, visit.form, visit.context)


def _keep(visit: Visit, argument: str) -> Turn:
    return engine.keep(visit.conversation, visit.form, visit.context)


def _help(visit: Visit, argument: str) -> Turn:
    if not visit.is_talking:
        offered = tuple(control(name) for name in ("start", "my_data", "person", "check"))
        return Turn(visit.conversation, (Reply("help/idle", {}, offered),))
    return engine.explain(visit.conversation, visit.form, visit.context)


def _edit(visit: Visit, argument: str) -> Turn:
    return engine.edit(visit.conversation, visit.form, argument, visit.context)


def _continue(visit: Visit, argument: str) -> Turn:
    return engine.again(visit.conversation, visit.form, visit.context)


def _stop(visit: Visit, argument: str) -> Turn:
    left = quiz.leave(visit)
    if left is not None:
        return left
    if not visit.is_talking:
        told = preferences.has_just_been_told(visit)
        return _no_notices(visit, "") if told else visit.say("say/nothing_to_stop")
    paused = replace(visit.conversation, status="paused")
    return Turn(paused, (Reply("say/stopped", {}, (control("continue"), control("my_data"))),))


def _start(visit: Visit, argument: str) -> Turn:
    if visit.is_talking:
        return talks.resume(visit)
    return talks.welcome(visit)


def _register_me(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if visit.is_talking else talks.begin(visit)


def _start_over(visit: Visit, argument: str) -> Turn:
    if argument == "yes":
        return talks.begin_anew(visit)
    sure = Choice("start_over:yes", codes="commands", role="control")
    return Turn(visit.conversation, (Reply("say/start_over_sure", {}, (sure, control("continue"))),))


def _language(visit: Visit, argument: str) -> Turn:
    if argument not in visit.office.vocabularies:
        choices = tuple(
            Choice(f"language:{language}", codes="commands", role="control") for language in visit.office.vocabularies
        )
        return Turn(visit.conversation, (Reply("say/language", {}, choices),))
    context = replace(visit.context, vocabulary=visit.office.vocabularies[argument])
    changed = replace(visit, conversation=replace(visit.conversation, language=argument), context=context)
    said = Reply("say/language_changed")
    if changed.is_talking:
        return talks.present(changed, said)
    turn = talks.welcome(changed)
    return replace(turn, replies=(said, *turn.replies))


def _household(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if visit.is_talking else talks.household(visit)


def _change(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if visit.is_talking else endings.change(visit)


def _leave(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if _is_about(visit, "leave") else endings.leave(visit)


def _lease(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if _is_about(visit, "lease") else endings.lease(visit)


def _withdraw(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if _is_about(visit, "withdraw") else endings.withdraw(visit)


def _answers(visit: Visit, argument: str) -> Turn:
    waiting = corrections.waiting(visit)
    if waiting is None or _is_about(visit, "correction"):
        return talks.resume(visit) if visit.is_talking else talks.welcome(visit)
    return corrections.begin(visit, waiting)


def _never_mind(visit: Visit, argument: str) -> Turn:
    if visit.is_talking and visit.form.may_drop:
        return endings.never_mind(visit)
    return _stop(visit, argument)


def _is_about(visit: Visit, form: str) -> bool:
    return visit.is_talking and visit.form.name == form


def _my_data(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, mydata.shown(visit))


def _certificate(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, certificates.own(visit))


def _export(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, privacy.export(visit))


def _erase(visit: Visit, argument: str) -> Turn:
    return privacy.erase(visit) if argument == "yes" else privacy.ask_to_erase(visit)


def _privacy(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, requests.explained(visit))


def _request(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, requests.ask(visit, argument))


def _who_looked(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, privacy.who_looked(visit))


def _person(visit: Visit, argument: str) -> Turn:
    return handing_over.ask(visit)


def _bot(visit: Visit, argument: str) -> Turn:
    if visit.conversation.hand_over is not None:
        return handing_over.brought_back(visit)
    return talks.resume(visit) if visit.is_talking else talks.welcome(visit)


def _check(visit: Visit, argument: str) -> Turn:
    said = badges.checked(visit, argument) if argument else badges.explained(visit)
    with_staff = visit.conversation.hand_over is not None
    return Turn(visit.conversation, (said,)) if with_staff else talks.present(visit, said)


def _law(visit: Visit, argument: str) -> Turn:
    if argument == "none":
        return law_search.none_of_these(visit)
    if argument == "ask":
        return law_search.asked(visit, after_word(visit.incoming.text))
    return notices.read(visit, argument)


def _quiz(visit: Visit, argument: str) -> Turn:
    return quiz.play(visit, argument)


def _stop_quiz(visit: Visit, argument: str) -> Turn:
    return quiz.leave(visit) or talks.present(visit)


def _link(visit: Visit, argument: str) -> Turn:
    turn = accounts.use_code(visit, argument) if argument else accounts.give_code(visit)
    return talks.present(visit.with_conversation(turn.conversation), *turn.replies)


def _code(visit: Visit, argument: str) -> Turn:
    """A poster's code, typed: the same as scanning it."""
    scanned = replace(visit, incoming=replace(visit.incoming, text="", kind="scan", scene=f"home_{argument}"))
    return helped.take_up(scanned, argument) or my_home.scan(scanned, argument)


def _home(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if _is_about(visit, "home") else my_homes.register(visit)


def _my_homes(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, my_homes.shown(visit, argument))


def _report_tenant(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if _is_about(visit, "tenant") else my_homes.report(visit, argument)


def _moved_out(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if _is_about(visit, "moved_out") else my_homes.moved_out(visit, argument)


def _poster(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, my_homes.posters(visit, argument))


def _new_code(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, my_homes.renew_codes(visit, argument))


def _duties(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, my_duties.shown(visit))


def _import(visit: Visit, argument: str) -> Turn:
    return importing.command(visit, argument)


def _my_home(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, my_home.shown(visit))


def _tenancy(visit: Visit, argument: str) -> Turn:
    return my_home.hear(visit, argument)


def _matters(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, my_matters.shown(visit))


def _permit(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, permit_talks.shown(visit))


def _apply(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if _is_about(visit, "permit") else permit_talks.apply(visit, argument)


def _endorse(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if _is_about(visit, "endorse") else permit_talks.endorse(visit)


def _replace(visit: Visit, argument: str) -> Turn:
    return talks.present(visit) if _is_about(visit, "replace") else permit_talks.replace_permit(visit)


def _rights(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, permit_rights.shown(visit))


def _topics(visit: Visit, argument: str) -> Turn:
    known = argument in preferences.TOPICS
    return talks.present(visit, preferences.switch(visit, argument) if known else preferences.shown(visit))


def _no_notices(visit: Visit, argument: str) -> Turn:
    return Turn(visit.conversation, (preferences.no_notices(visit),))


def _prefer(visit: Visit, argument: str) -> Turn:
    return talks.present(visit, preferences.prefer(visit, argument))


def _remind(visit: Visit, argument: str) -> Turn:
    return answering.answer(visit, argument)


def _read(visit: Visit, argument: str) -> Turn | None:
    return hearing.confirmed(visit, argument)


def _respond(visit: Visit, argument: str) -> Turn | None:
    return hearing.answered(visit)


def _cast(visit: Visit, argument: str) -> Turn | None:
    return shouting.decided(visit, argument)


COMMANDS: dict[str, Command] = {
    "back": _in_a_talk(_back),
    "skip": _in_a_talk(_skip),
    "keep": _in_a_talk(_keep),
    "help": _help,
    "edit": _in_a_talk(_edit),
    "continue": _in_a_talk(_continue),
    "stop": _stop,
    "start": _start,
    "register_me": _register_me,
    "start_over": _in_a_talk(_start_over),
    "language": _language,
    "household": _household,
    "change": _change,
    "leave": _leave,
    "lease": _lease,
    "withdraw": _withdraw,
    "answers": _answers,
    "never_mind": _never_mind,
    "my_data": _my_data,
    "certificate": _certificate,
    "export": _export,
    "erase": _erase,
    "who_looked": _who_looked,
    "privacy": _privacy,
    "request": _request,
    "person": _person,
    "bot": _bot,
    "check": _check,
    "law": _law,
    "quiz": _quiz,
    "stop_quiz": _stop_quiz,
    "link": _link,
    "code": _code,
    "home": _home,
    "my_homes": _my_homes,
    "report_tenant": _report_tenant,
    "moved_out": _moved_out,
    "poster": _poster,
    "new_code": _new_code,
    "duties": _duties,
    "import": _import,
    "my_home": _my_home,
    "tenancy": _tenancy,
    "matters": _matters,
    "permit": _permit,
    "apply": _apply,
    "endorse": _endorse,
    "replace": _replace,
    "rights": _rights,
    "topics": _topics,
    "prefer": _prefer,
    "remind": _remind,
    "no_notices": _no_notices,
    "read": _read,
    "respond": _respond,
    "cast": _cast,
}
