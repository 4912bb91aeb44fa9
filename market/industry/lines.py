"""Lines of the books: every kind of payment, which function pays it and which earns by it."""

from __future__ import annotations

from typing import NamedTuple


class Line(NamedTuple):
    """One kind of payment: which function pays, which earns, where these are organisations."""

    pays: str
    earns: str
    means: str


LINES = {
    "car": Line("", "sales", "buyers pay for cars at the handover"),
    "package": Line("", "service", "buyers pay for film, accessories, care packages"),
    "package_cost": Line("service", "", "what packages cost their provider"),
    "deposit": Line("", "", "deposits of orders, held by the seller: a debt, no profit"),
    "forfeit": Line("", "sales", "deposits that cancelled orders lose"),
    "transfer": Line("sales", "production", "the seller hands the price of cars on to the maker"),
    "commission": Line("production", "sales", "the maker pays the seller"),
    "definition_fee": Line("production", "definition", "the maker pays who defines the car, for each car"),
    "battery": Line("production", "battery", "the maker buys battery packs"),
    "production": Line("production", "", "parts, labour, transport and tax of a car, without the battery"),
    "cells": Line("battery", "", "what battery packs cost to make"),
    "unit_cost": Line("production", "", "added cost of each car after a role has moved"),
    "setup": Line("definition", "", "taking a role over, once"),
    "coordination": Line("production", "", "partners coordinate, so that less goes wrong between them"),
    "selling": Line("sales", "", "stores, staff and logistics of selling"),
    "capital": Line("battery", "production", "packs bought to be rented out: an asset of the buyer"),
    "stations": Line("battery", "", "swap stations built: an asset of the builder"),
    "rent": Line("", "battery", "owners rent batteries"),
    "overage": Line("", "battery", "owners pay for kilometres above the cap"),
    "buy_out": Line("", "battery", "owners buy the battery they rented"),
    "media": Line("marketing", "marketing", "advertising; platforms earn it, elsewhere is outside"),
    "care": Line("", "service", "owners pay for care and repair"),
    "accessories": Line("", "service", "owners pay for accessories"),
    "insurance": Line("", "finance", "owners pay for insurance and credit"),
    "energy": Line("", "battery", "owners pay for charging and swapping"),
    "care_cost": Line("service", "", "what care costs its provider"),
    "accessories_cost": Line("service", "", "what accessories cost their provider"),
    "insurance_cost": Line("finance", "", "claims and cost of credit"),
    "energy_cost": Line("battery", "", "what energy costs its provider"),
    "service_warranty": Line("production", "service", "the maker pays for repairs under warranty"),
    "warranty_cost": Line("service", "", "what repairs under warranty cost"),
    "data_fee": Line("production", "data", "the maker pays who keeps the owners' data"),
    "remedy": Line("service", "", "compensation to households"),
    "shortfall": Line("sales", "production", "the seller pays for cars below the agreed volume"),
    "exit_fee": Line("production", "production", "who leaves pays who takes over"),
    "stake": Line("production", "production", "profit shared with who holds a stake"),
}  # fmt: skip
"""All lines. What moves profit between owners of one function earns nothing as a function: it stands on both sides."""
DEBTS = ("deposit",)
ASSETS = ("capital", "stations")
INTERFACE = ("definition", "marketing", "sales", "finance", "data")
"""Functions that decide how a car is bought, rather than make it (the default of `responsibility.interface`)."""
