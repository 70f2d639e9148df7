"""`anju regulations`: check packs and holidays, show what the law says here, explain how a rule comes to its day."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.settings import BadSettings, Settings, own_packs, read_settings
from regulations.errors import RegulationError
from regulations.explain import explain
from regulations.holidays import read_holidays
from regulations.keys import FAMILIES
from regulations.pack import Pack, Rule, load, shipped
from regulations.rule import CERTAINTIES, SHIPPED

app = typer.Typer(help="The law as data: check it, show it, explain it.", no_args_is_help=True)
console = Console(soft_wrap=True)

MARKS = {
    "reading": "our reading, safe side",
    "copy": "not confirmed: a copy",
    "secondary page": "not confirmed: a page",
}

PackName = Annotated[str, typer.Option("--pack", help="Another pack than the office's own.")]


@app.command()
def check(
    names: Annotated[list[str] | None, typer.Argument(help="Packs; all that there are, if none is named.")] = None,
    packs: Annotated[Path | None, typer.Option(help="A folder with the office's own packs.", exists=True)] = None,
    holidays: Annotated[Path | None, typer.Option(help="A file of holidays.", exists=True)] = None,
) -> None:
    """Look for everything that can be wrong with packs and with a file of holidays; 1 if something is."""
    folder = packs or _own_folder()
    own = [] if folder is None else sorted(file.stem for file in folder.glob("*.toml"))
    wrong = [_check_pack(name, folder) for name in names or dict.fromkeys((*shipped(), *own))]
    wrong += [_check_holidays(holidays)] if holidays else []
    raise typer.Exit(int(any(wrong)))


@app.command()
def show(
    key: Annotated[str, typer.Argument(help="A rule, or the beginning of some; all, if none is named.")] = "",
    pack: PackName = "",
    on: Annotated[str, typer.Option(help="The day whose law is asked for; today, if none is given.")] = "",
) -> None:
    """What the law says here: each rule with its value, certainty and source."""
    settings = read_settings()
    law = _pack(settings, pack).on(date.fromisoformat(on) if on else datetime.now(settings.zone).date())
    if law.find(key) is not None:
        for version in law.versions[key]:
            _show_whole(version)
        return
    table = Table("rule", "value", "unit", "certainty", "place", box=None)
    for name in (name for family in FAMILIES.values() for name in family if name.startswith(key)):
        if (rule := law.find(name)) is not None:
            certainty = MARKS.get(rule.certainty, rule.certainty)
            table.add_row(name, _value(rule), rule.unit, certainty, rule.place)
    console.print(table)
    waiting = sorted({rule.key for rule in law.unconfirmed if rule.key.startswith(key)})
    if waiting:
        console.print(f"Stated but not confirmed, so not counted: {', '.join(waiting)}.", highlight=False)


@app.command("explain")
def explain_rule(
    key: Annotated[str, typer.Argument(help="A rule, such as registration.deadline.")],
    days: Annotated[list[str], typer.Argument(help="2026-03-02; two where the rule needs from and to.")],
    pack: PackName = "",
) -> None:
    """How a rule comes to its day: the version in force, the days counted, the answer."""
    settings = read_settings()
    found = explain(_pack(settings, pack), key, days, settings.calendar)
    _show_whole(found.rule)
    for line in (*found.steps, *(f"{name} = {value}" for name, value in found.answer.items())):
        console.print(line, markup=False, highlight=False)


def _pack(settings: Settings, name: str) -> Pack:
    return load(name, own_packs(settings.packs), settings.unconfirmed_rules) if name else settings.pack


def _own_folder() -> Path | None:
    """The settings' folder; none where the settings themselves are what must be mended."""
    try:
        return own_packs(read_settings().packs)
    except BadSettings:
        return None


def _check_pack(name: str, folder: Path | None) -> bool:
    try:
        pack = load(name, folder, unconfirmed="pages")
    except RegulationError as error:
        console.print(f"✗ {name}: {error}", style="red", markup=False, highlight=False)
        return True
    rules = [rule for versions in pack.versions.values() for rule in versions if rule.place == name]
    counts = [f"{sum(rule.certainty == kind for rule in rules)} {kind}" for kind in sorted(CERTAINTIES)]
    console.print(f"✓ {name}: {len(rules)} rules ({', '.join(counts)})", markup=False, highlight=False)
    return False


def _check_holidays(file: Path) -> bool:
    try:
        calendar = read_holidays(file.read_text("utf-8"))
    except RegulationError as error:
        console.print(f"✗ {file.name}: {error}", style="red", markup=False, highlight=False)
        return True
    years = ", ".join(map(str, sorted(calendar.years))) or "no whole year"
    known = f"working days are known until the end of {calendar.last_year}"
    console.print(f"✓ {file.name}: {len(calendar.table)} days, {years}; {known}", markup=False, highlight=False)
    return False


def _show_whole(rule: Rule) -> None:
    until = f" to {rule.in_force_to}" if rule.in_force_to else ""
    force = f"in force from {rule.in_force_from or 'of old'}{until}, checked on {rule.checked_on}"
    mark = "" if rule.certainty in SHIPPED - {"reading"} else f" ({MARKS[rule.certainty]})"
    for line in (
        f"{rule.key} = {_value(rule)} {rule.unit}; {rule.who}, {rule.trigger}; {rule.place}{mark}",
        f"  {rule.words.get('zh', '')}（{rule.citation['zh']}）",
        f"  {rule.words.get('en', '')} ({rule.citation['en']})",
        f"  {force}",
    ):
        console.print(line, markup=False, highlight=False)


def _value(rule: Rule) -> str:
    return ", ".join(map(str, rule.value)) if isinstance(rule.value, tuple) else str(rule.value)
