"""Every rule between the sections of a case is guarded: break it and the case is refused; take it away and this fails."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from types import ModuleType

import pytest
from broken_rules import BASE, ROWS, Row, many

from market import Case, CaseError, Fault
from market import case as case_module
from market.checks import CHECKS

Check = Callable[[Case], Iterator[Fault]]


@cache
def sound() -> Case:
    """The case that rows change."""
    return Case.load(BASE)


@cache
def broken() -> list[Case]:
    """The case of every row, built without the rules."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(case_module, "CHECKS", ())
        return [sound().change(row[0]) for row in rows()]


def rows() -> list[Row]:
    """All rows, those of size too."""
    return [*ROWS, *many(sound())]


def named(row: Row) -> str:
    """What a row is called in reports: what is blamed, and why."""
    return f"{row[1]}: {row[2]}"


@pytest.mark.parametrize("at", range(len(ROWS)), ids=map(named, ROWS))
def test_a_broken_rule_is_refused_by_its_full_name(at: int) -> None:
    """With what was given, what is allowed and what to do."""
    found = [fault for check in CHECKS for fault in check(broken()[at]) if matching([fault], ROWS[at])]
    assert found
    assert all(fault.given and fault.allowed and fault.remedy for fault in found)


@pytest.mark.parametrize("row", [*ROWS[::12], *many(sound())], ids=named)
def test_a_change_that_breaks_a_rule_gives_no_case(row: Row) -> None:
    """What the checks find is what a change, or a file, is refused for."""
    with pytest.raises(CaseError) as caught:
        sound().change(row[0])
    assert matching(caught.value.faults, row), str(caught.value)


def matching(faults: Iterable[Fault], row: Row) -> bool:
    """Whether the fault that a row expects is among these."""
    return any(fault.path == row[1] and row[2] in str(fault) for fault in faults)


def lines_of_rules(module: ModuleType) -> list[int]:
    """Lines of a module of checks on which a fault is made."""
    tree = ast.parse(inspect.getsource(module))
    return sorted({node.lineno for node in ast.walk(tree) if isinstance(node, ast.Expr) and _makes_a_fault(node)})


def _makes_a_fault(node: ast.Expr) -> bool:
    return isinstance(node.value, ast.Yield | ast.YieldFrom)


def without(module: ModuleType, line: int) -> Check:
    """The check of a module with the rule of one line taken away."""
    tree = ast.parse(inspect.getsource(module))
    nothing = ast.parse("yield from ()").body[0]

    class Remover(ast.NodeTransformer):
        """Puts nothing in the place of the rule."""

        def visit_Expr(self, node: ast.Expr) -> ast.AST:
            return ast.copy_location(nothing, node) if node.lineno == line and _makes_a_fault(node) else node

    names = dict(vars(module))
    exec(compile(ast.fix_missing_locations(Remover().visit(tree)), str(module.__file__), "exec"), names)
    check: Check = names[_check_of(module).__name__]
    return check


def _check_of(module: ModuleType) -> Check:
    return next(check for check in CHECKS if check.__module__ == module.__name__)


MODULES = [sys.modules[check.__module__] for check in CHECKS]


@pytest.mark.parametrize("module", MODULES, ids=[module.__name__.split(".")[-1] for module in MODULES])
def test_no_rule_can_be_taken_away_unseen(module: ModuleType) -> None:
    """Without any one of its rules, some row is no longer refused as it must be."""
    own = [(case, row) for case, row in zip(broken(), rows(), strict=True) if matching(_check_of(module)(case), row)]
    others = [check for check in CHECKS if check.__module__ != module.__name__]
    alone = [(case, row) for case, row in own if not matching(chain(*(check(case) for check in others)), row)]
    assert lines_of_rules(module)
    for line in lines_of_rules(module):
        weaker = without(module, line)
        unseen = all(matching(weaker(case), row) for case, row in alone)
        assert not unseen, f"nothing guards {module.__name__}, line {line}: add a row to broken_rules.py"
