"""WeRoBot with SQLite sessions on the Tornado server that its documents name (docs: session, deploy)."""

from werobot import WeRoBot
from werobot.messages.messages import TextMessage
from werobot.session.sqlitestorage import SQLiteStorage

from bench.peers.programs import form

robot = WeRoBot(token=form.SECRET, enable_session=True, session_storage=SQLiteStorage(form.DATABASE))


@robot.text
def answer(message: TextMessage, session: dict[str, str]) -> str:
    """Ask the first question, or check the answer, keep it and ask the next."""
    step = session.get("step")
    if step is None:
        session["step"] = "name"
        return form.ask("name")
    if not form.is_valid(step, message.content):
        return form.refuse(step)
    session[step] = message.content
    session["step"] = form.following(step)
    return form.ask(session["step"])


if __name__ == "__main__":
    robot.run(server="tornado", host="127.0.0.1", port=form.PORT, enable_pretty_logging=False)
