"""A vote on a page: the answers, the class that joined, and what came together so far."""

# ruff: noqa: N802 - components are named like classes, as Solara does
from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import solara

from dashboards import votes, widgets
from dashboards.colours import Ink


def visitor() -> str:
    """What tells this browser from others, so that it votes once: Solara's own cookie."""
    return str(solara.get_session_id())


def use_listening(room: str) -> None:
    """Draw the component anew whenever something happens in a class. To be called in one component of a page."""
    _, heard = solara.use_state(0)
    listening = solara.use_memo(lambda: votes.Listening(votes.HALL, heard), [])
    solara.use_effect(lambda: listening.close, [])
    solara.use_effect(lambda: listening.join(room), [room])


def tally(room: str, question: str, answers: int) -> votes.Tally:
    """The votes of a question as this visitor sees them; in a class that is no more he is alone."""
    code = room if votes.HALL.knows(room) else ""
    return votes.HALL.tally(code, visitor(), question, answers)


def use_same_place(room: str, place: str, follow: Callable[[str], None]) -> None:
    """A class stays together: who presents says the place of this page, everybody else follows there.

    An empty `place` is nowhere in particular: nobody is led there. To be called in a component that listens.
    """
    who = visitor()
    there, presents = votes.HALL.place(room), votes.HALL.presents(room, who)

    def together() -> None:
        if presents and room and place:
            votes.HALL.stand(room, who, place)
        elif not presents and there and there != place:
            follow(there)

    solara.use_effect(together, [room, place, there, presents])


@solara.component
def Vote(
    words: str,
    title: str,
    question: str,
    answers: Sequence[tuple[str, str]],
    inks: Mapping[str, Ink],
    tally: votes.Tally,
    room: str,
    moved: Callable[[], None],
    choose: widgets.Choose,
) -> None:
    """The answers with their votes; `moved` is called after a vote of this visitor, `choose` when the class changes."""
    hall, who = votes.HALL, visitor()
    gone = room if room and not hall.knows(room) else ""
    code = "" if gone else room

    def tap(asked: Any) -> None:
        hall.tap(code, who, question, _of(asked, "answer"), len(answers))
        moved()

    def count(asked: Any) -> None:
        hall.count(code, who, question, _of(asked, "answer"), _of(asked, "more"), len(answers))
        moved()

    def clear(_: Any) -> None:
        hall.clear(code, who, question)
        moved()

    def enter(asked: Any) -> None:
        if _of(asked, "open") == 1:
            choose({"room": hall.open(who)})
        elif isinstance(_of(asked, "code"), str):
            choose({"room": _of(asked, "code")})

    shown = {
        "question": title,
        "answers": [
            {"id": key, "name": name, "ink": [inks[key].light, inks[key].dark] if key in inks else None}
            for key, name in answers
        ],
        "tally": asdict(tally),
        "code": code,
        "gone": gone,
        "presents": hall.presents(code, who),
    }
    widgets.Vote(
        words=words,
        ballot=json.dumps(shown, ensure_ascii=False),
        event_tap=tap,
        event_count=count,
        event_clear=clear,
        event_room=enter,
    )


def _of(asked: Any, key: str) -> Any:
    return asked.get(key) if isinstance(asked, Mapping) else None
