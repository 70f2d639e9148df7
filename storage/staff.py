"""Staff accounts: who works in the office, as what and where; what proves it is sealed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from storage import tables
from storage.unit import Unit

PROFILE = "staff.profile"
PASSWORD = "staff.password"  # noqa: S105 -- a place in the database
TOTP = "staff.totp"

_rows = tables.staff.c


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the staff. `code` is what anyone in the chat may ask for; `area` is empty for the whole office.

    has_password, has_totp: how far the account was set up.
    """

    id: int
    code: str
    login: str
    name: str
    role: str
    area: str
    language: str
    has_password: bool = False
    has_totp: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Proofs:
    """What a member proves who they are with: the password's hash, the secret of the one-time codes (base 32)."""

    password: str = ""
    totp: str = ""


def by_login(unit: Unit, login: str) -> Member | None:
    """The member who signs in by that name."""
    return _one(unit, _rows.login_index.in_(unit.vault.indexes("staff_login", normalised(login))))


def by_code(unit: Unit, code: str) -> Member | None:
    """The member with that staff code, as people may type it; whoever was disabled is not found."""
    found = _one(unit, _rows.code == code.strip().upper())
    return None if found is None or found.disabled else found


def by_id(unit: Unit, number: int) -> Member | None:
    """One member."""
    return _one(unit, _rows.id == number)


def everybody(unit: Unit) -> tuple[Member, ...]:
    """All accounts in the order they were made, disabled ones too."""
    return tuple(_member(unit, row) for row in unit.execute(select(tables.staff).order_by(_rows.id)))


def add(unit: Unit, new: Member, now: datetime) -> Member | None:
    """Keep a new account; None where its login name or code is taken."""
    values = _profile(unit, new) | {
        "code": new.code,
        "login_index": login_index(unit, new.login),
        "created_at": now,
        "updated_at": now,
    }
    if by_login(unit, new.login) is not None or not unit.insert_once(tables.staff, values):
        return None
    return by_login(unit, new.login)


def save(unit: Unit, member: Member, now: datetime) -> None:
    """Write name, role, area, language, and whether the account is disabled."""
    kept = select(_rows.disabled_at).where(_rows.id == member.id)
    since = unit.execute(kept).scalar_one_or_none() or now
    disabled = {"disabled_at": since if member.disabled else None}
    _update(unit, member.id, _profile(unit, member) | disabled, now)


def proofs(unit: Unit, number: int) -> Proofs:
    """The sealed things of one member, opened; empty where the account isn't set up."""
    row = unit.execute(select(_rows.password_sealed, _rows.totp_sealed).where(_rows.id == number)).one_or_none()
    if row is None:
        return Proofs()
    return Proofs(_opened(unit, row.password_sealed, PASSWORD), _opened(unit, row.totp_sealed, TOTP))


def set_password(unit: Unit, number: int, hashed: str, now: datetime) -> None:
    """Keep the hash of a new password."""
    _update(unit, number, {"password_sealed": unit.vault.seal(hashed.encode(), PASSWORD)}, now)


def offer_totp(unit: Unit, number: int, secret: str, now: datetime) -> str:
    """Keep a secret that is not confirmed yet; the one that counts, which is an earlier one where there is one."""
    free = update(tables.staff).where(_rows.id == number, _rows.totp_sealed.is_(None))
    unit.execute(free.values(totp_sealed=unit.vault.seal(secret.encode(), TOTP), updated_at=now))
    return proofs(unit, number).totp


def confirm_totp(unit: Unit, number: int, now: datetime) -> None:
    """A code of the secret was shown: from now on every sign-in needs one."""
    unit.execute(
        update(tables.staff).where(_rows.id == number, _rows.totp_since_at.is_(None)).values(totp_since_at=now)
    )


def spend_step(unit: Unit, number: int, step: int) -> bool:
    """Use up a time step of the one-time codes; False where it or a later one was used (RFC 6238, 5.2)."""
    later = update(tables.staff).where(_rows.id == number, _rows.totp_step < step)
    return unit.execute(later.values(totp_step=step)).rowcount == 1


def forget_proofs(unit: Unit, number: int, now: datetime) -> None:
    """Password and one-time codes no longer count; used steps stay used."""
    _update(unit, number, {"password_sealed": None, "totp_sealed": None, "totp_since_at": None}, now)


def lock(unit: Unit) -> None:
    """Let nobody else change accounts until this transaction ends; SQLite's writer is alone anyway."""
    if unit.is_postgres:
        unit.execute(select(_rows.id).order_by(_rows.id).with_for_update())


def login_index(unit: Unit, login: str) -> bytes:
    """The keyed index under which an account is found by its login name."""
    return unit.vault.index("staff_login", normalised(login))


def normalised(login: str) -> str:
    """A login name as it is compared."""
    return login.strip().casefold()


def _one(unit: Unit, condition: Any) -> Member | None:
    row = unit.execute(select(tables.staff).where(condition)).one_or_none()
    return None if row is None else _member(unit, row)


def _member(unit: Unit, row: Any) -> Member:
    profile = unit.vault.open_json(row.profile_sealed, PROFILE)
    return Member(
        id=row.id,
        code=row.code,
        login=profile["login"],
        name=profile["name"],
        role=row.role,
        area=row.area,
        language=row.language,
        has_password=row.password_sealed is not None,
        has_totp=row.totp_since_at is not None,
        disabled=row.disabled_at is not None,
    )


def _profile(unit: Unit, member: Member) -> dict[str, Any]:
    return {
        "profile_sealed": unit.vault.seal_json({"login": member.login, "name": member.name}, PROFILE),
        "role": member.role,
        "area": member.area,
        "language": member.language,
    }


def _update(unit: Unit, number: int, values: Mapping[str, Any], now: datetime) -> None:
    unit.execute(update(tables.staff).where(_rows.id == number).values({**values, "updated_at": now}))


def _opened(unit: Unit, sealed: bytes | None, place: str) -> str:
    return "" if sealed is None else unit.vault.open(sealed, place).decode()
