"""What a section of a case is made of: frozen pydantic models whose every field states unit, meaning and source.

Each noun's file owns its section; `market.case.Case` composes them. A field says what its number means, in
which unit, within which limits, and where its default comes from, so that files, errors, documents and the
browser can all say the same.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

Grade = Literal["A", "B", "C", "D", "fitted", "user"]
"""A: raw public data or a primary document; B: named press, agency or academic source; C: one weak source;
D: a judgement without a source; fitted: estimated here from data; user: changed by the person who runs it."""


class Section(BaseModel):
    """A frozen part of a case. Unknown fields, NaN and infinity are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True, populate_by_name=True
    )

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """The same: what is frozen is shared, so that a copy of a market does not copy its case."""
        return self


def value(
    default: Any = ...,
    *,
    unit: str,
    meaning: str,
    grade: Grade = "D",
    source: str = "judgement",
    **limits: Any,
) -> Any:
    """A field of a section: its default with unit, meaning, provenance and limits (`ge`, `gt`, `le`, `lt`, ...)."""
    extra: dict[str, Any] = {"unit": unit, "grade": grade, "source": source}
    if callable(default):
        return Field(default_factory=default, description=meaning, json_schema_extra=extra, **limits)
    return Field(default, description=meaning, json_schema_extra=extra, **limits)


Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
"""What things are called in files and tables: lower-case letters, digits and underscores."""

Share = Annotated[float, Field(ge=0.0, le=1.0)]

Shares = dict[Id, Share]
"""A row of shares by id. Rows that must sum to 1 are marked with `sums_to_one` in their json_schema_extra."""


class Text(Section):
    """The same words in English and Chinese."""

    en: str = Field(min_length=1, max_length=2_000, description="English")
    zh: str = Field(min_length=1, max_length=2_000, description="Chinese")


class LogNormal(Section):
    """A log-normal distribution; the sign of the median is the sign of every draw."""

    median: float = Field(description="median of the distribution")
    sigma: float = Field(
        ge=0.0, le=5.0, description="standard deviation of the logarithm", json_schema_extra={"unit": "log points"}
    )


class Normal(Section):
    """A normal distribution."""

    mean: float = Field(description="mean of the distribution")
    sd: float = Field(ge=0.0, description="standard deviation")
