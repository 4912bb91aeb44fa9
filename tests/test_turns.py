"""Whose turn it is: everybody sees something before anybody sees all, and large markets let small ones go first."""

from __future__ import annotations

import functools
from dataclasses import replace

from queues import MadeUp

from dashboards import address
from dashboards.turns import News, Told, Turns, Wish

ONE = address.Market("a", 1, 1)


def taken(weeks: dict[int, int], asked: address.Market, _: object) -> MadeUp:
    """A market that counts the weeks it was given."""

    class Counted(MadeUp):
        def step(self) -> None:
            super().step()
            weeks[asked.seed] = weeks.get(asked.seed, 0) + 1

    return Counted(asked)


def turns_of(weeks: dict[int, int], said: list[News | Told], second: float = 0.0) -> Turns:
    """Turns over made-up markets, each week of which takes so long."""
    passed = 0.0

    def clock() -> float:
        nonlocal passed
        passed += second / 2
        return passed

    return Turns(said.append, functools.partial(taken, weeks), clock)


def texts_of(said: list[News | Told]) -> list[str]:
    """The texts among what was said, those of the ends too."""
    news = [one for one in said if isinstance(one, News)]
    return [one.made.text if one.made else one.text for one in news if one.made or one.text]


def test_everybody_sees_something_before_anybody_sees_all() -> None:
    """Each of three markets is brought ahead of its visitor's play-head, then each to its end, ghosts last."""
    weeks: dict[int, int] = {}
    said: list[News | Told] = []
    queue = turns_of(weeks, said)
    queue.want(9, Wish(replace(ONE, seed=9), beside=True))
    queue.later(1, lambda: iter(["later"]))
    for seed, head in ((1, 0), (2, 60), (3, 104)):
        queue.want(seed, Wish(replace(ONE, seed=seed), head))
    while not queue.idle:
        queue.piece()
    assert texts_of(said) == [
        "1: 13",
        "2: 64",
        "3: 104",
        "1: 39",
        "1: 65",
        "1: 91",
        "1: 104",
        "2: 90",
        "2: 104",
        "9: 104",
    ]
    assert said[-2:] == [Told(1, "later"), Told(1, ended=True)]


def test_who_comes_later_is_sent_what_there_is() -> None:
    """Somebody who asks for a market in the making need not wait for its next part."""
    weeks: dict[int, int] = {}
    said: list[News | Told] = []
    queue = turns_of(weeks, said)
    queue.want(1, Wish(ONE))
    for _ in range(20):
        queue.piece()
    queue.want(2, Wish(ONE))
    queue.piece()
    assert texts_of(said) == ["1: 13", "1: 21"]


def test_a_large_market_lets_small_ones_go_first() -> None:
    """After a second of the queue's time others have their turn, and the first goes on where it was."""
    weeks: dict[int, int] = {}
    said: list[News | Told] = []
    queue = turns_of(weeks, said, second=0.25)
    queue.want(1, Wish(ONE))
    for _ in range(6):
        queue.piece()
    queue.want(2, Wish(replace(ONE, seed=2)))
    queue.piece()
    assert weeks[2] == 1
