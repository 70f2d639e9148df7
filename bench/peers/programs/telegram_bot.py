"""python-telegram-bot's ConversationHandler with PicklePersistence behind its own webhook (docs: conversationbot,
persistentconversationbot). It can't answer in the response: every reply is an API call."""

from telegram import Update
from telegram.ext import (
    Application,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PicklePersistence,
    filters,
)

from bench.peers.programs import form


async def begin(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    """The first message: ask the first question."""
    await update.message.reply_text(form.ask("name"))
    return 0


async def answer(update: Update, context: ContextTypes.DEFAULT_TYPE) -> int:
    """An answer: check it, keep it, ask the next question."""
    step = context.user_data.get("step", "name")
    text = update.message.text
    if not form.is_valid(step, text):
        await update.message.reply_text(form.refuse(step))
        return form.STEPS.index(step)
    context.user_data[step] = text
    following = context.user_data["step"] = form.following(step)
    await update.message.reply_text(form.ask(following))
    return form.STEPS.index(following)


def main() -> None:
    """Serve until stopped."""
    words = filters.TEXT & ~filters.COMMAND
    talk = ConversationHandler(
        entry_points=[MessageHandler(words, begin)],
        states={number: [MessageHandler(words, answer)] for number in range(len(form.STEPS))},
        fallbacks=[],
        name="form",
        persistent=True,
    )
    kept = PicklePersistence(filepath=form.DATABASE)
    builder = Application.builder().token(form.TOKEN).persistence(kept).base_url(f"{form.API}/bot")
    application = builder.build()
    application.add_handler(talk)
    application.run_webhook(
        listen="127.0.0.1",
        port=form.PORT,
        url_path="telegram",
        secret_token=form.SECRET,
        webhook_url="https://bench.example/telegram",
    )


if __name__ == "__main__":
    main()
