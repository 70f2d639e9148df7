"""wechatpy in Flask under gunicorn, state in SQLite: wechatpy's echo example, and Flask's "Using SQLite 3 with Flask".

With AES=1 in safe mode.
"""

import json
import os
import sqlite3

from flask import Flask, abort, g, request
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.replies import create_reply
from wechatpy.utils import check_signature

from bench.peers.programs import form

app = Flask(__name__)
crypto = WeChatCrypto(form.SECRET, form.AES_KEY, form.APP_ID) if os.environ.get("AES") else None

with sqlite3.connect(form.DATABASE) as _made:
    _made.execute("CREATE TABLE IF NOT EXISTS talks (openid TEXT PRIMARY KEY, step TEXT, answers TEXT)")


@app.teardown_appcontext
def close(fault: BaseException | None) -> None:
    """Let go of the request's connection."""
    database = g.pop("database", None)
    if database is not None:
        database.close()


@app.route("/wechat", methods=["POST"])
def wechat() -> str:
    """One message."""
    signature, timestamp, nonce = (request.args.get(name, "") for name in ("signature", "timestamp", "nonce"))
    try:
        if crypto is None:
            check_signature(form.SECRET, signature, timestamp, nonce)
            body = request.data
        else:
            body = crypto.decrypt_message(request.data, request.args.get("msg_signature", ""), timestamp, nonce)
    except (InvalidSignatureException, InvalidAppIdException):
        abort(403)
    message = parse_message(body)
    reply = create_reply(_answer(message.source, message.content), message).render()
    return reply if crypto is None else crypto.encrypt_message(reply, nonce, timestamp)


def _database() -> sqlite3.Connection:
    if "database" not in g:
        g.database = sqlite3.connect(form.DATABASE)
    return g.database


def _answer(openid: str, text: str) -> str:
    database = _database()
    found = database.execute("SELECT step, answers FROM talks WHERE openid = ?", (openid,)).fetchone()
    if found is None:
        database.execute("INSERT INTO talks VALUES (?, 'name', '{}')", (openid,))
        database.commit()
        return form.ask("name")
    step, answers = found[0], json.loads(found[1])
    if not form.is_valid(step, text):
        return form.refuse(step)
    answers[step] = text
    following = form.following(step)
    database.execute(
        "UPDATE talks SET step = ?, answers = ? WHERE openid = ?", (following, json.dumps(answers), openid)
    )
    database.commit()
    return form.ask(following)
