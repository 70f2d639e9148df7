"""Commands about the talk itself: start, back, skip, help, change an answer, language, stop."""

from collections.abc import Mapping
from dataclasses import replace

from handlers import engine
from handlers.commands.command import Command
from handlers.messages import Choice, Reply, control
from handlers.office import endings, preferences, quiz, talks
from handlers.turns import Turn
from handlers.visit import Visit


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
        return Turn(visit.conversation, (preferences.no_notices(visit),)) if told else visit.say("say/nothing_to_stop")
    paused = replace(visit.conversation, status="paused")
    return Turn(paused, (Reply("say/stopped", {}, (control("continue"), control("my_data"))),))


def _start(visit: Visit, argument: str) -> Turn:
    if visit.is_talking:
        return talks.resume(visit)
    return talks.welcome(visit)


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


def _never_mind(visit: Visit, argument: str) -> Turn:
    if visit.is_talking and visit.form.may_drop:
        return endings.never_mind(visit)
    return _stop(visit, argument)


COMMANDS: Mapping[str, Command] = {
    "back": _in_a_talk(_back),
    "skip": _in_a_talk(_skip),
    "keep": _in_a_talk(_keep),
    "help": _help,
    "edit": _in_a_talk(_edit),
    "continue": _in_a_talk(_continue),
    "stop": _stop,
    "start": _start,
    "start_over": _in_a_talk(_start_over),
    "language": _language,
    "never_mind": _never_mind,
}
