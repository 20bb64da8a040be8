"""The report's figures as people read them: sums by state and district, shares, one matrix an item."""

from decimal import Decimal

from applications.states import State
from foundation.accounts.models import District
from tracking.models import Referral


def shapes(data: dict, district: str | None) -> dict:
    """The data in the shapes that the page's components and the issued document take."""
    flows, cells = data["flows"], data["cells"]
    by_district: dict[str, int] = {}
    if district is None:
        by_district = {row.name: 0 for row in District.objects.all()}
    by_state: dict[str, int] = {}
    for cell in cells:
        if cell["district_name"] in by_district:
            by_district[cell["district_name"]] += cell["cases"]
        by_state[cell["state"]] = by_state.get(cell["state"], 0) + cell["cases"]
    labels = dict(State.choices)
    paid = Decimal(flows["paid_amount"])
    leverage = Decimal(flows["paid_appraised"]) / paid if paid else None
    return {
        "flows": flows,
        "leverage": f"{leverage:.1f}" if leverage is not None else "",
        "districts": [{"name": name, "value": count} for name, count in by_district.items()],
        "states": [
            {"label": labels[state], "value": by_state[state], "display": by_state[state]}
            for state in State.values
            if state in by_state
        ],
        "steps": [
            step
            | {
                "label": labels[step["state"]],
                "on_time_share": f"{Decimal(step['on_time']) * 100 / step['timed']:.0f}%"
                if step["timed"]
                else "",
            }
            for step in data["steps"]
        ],
        "matrices": list(_matrices(cells, labels)),
        # Reports compiled before these were counted have none.
        "actions": data.get("actions"),
        "referrals": _referrals(data["referrals"]) if "referrals" in data else None,
    }


def _referrals(data: dict) -> dict:
    """The counts, with the share answered in time ("" for none) and the outcomes by their names."""
    labels = dict(Referral.Outcome.choices)
    share = f"{Decimal(data['on_time']) * 100 / data['concluded']:.0f}%" if data["concluded"] else ""
    return data | {
        "on_time_share": share,
        "outcomes": [
            {"label": labels[outcome], "count": count} for outcome, count in data["outcomes"].items()
        ],
    }


def _amount(cell: dict) -> Decimal:
    """What a cell's amount means: the approved one where there is one, else the upper bound (yuan); of revoked
    cases nothing."""
    if cell.get("state") == State.REVOKED:
        return Decimal(0)
    return Decimal(cell["approved"]) or Decimal(cell["estimate"])


def _matrices(cells: list[dict], labels: dict):
    """One cross-table an item: districts down, states across, with sums on both sides."""
    items = {cell["item"]: cell["item_name"] for cell in cells}
    for code, name in items.items():
        mine = [cell for cell in cells if cell["item"] == code]
        states = [state for state in State.values if any(cell["state"] == state for cell in mine)]
        found = {(cell["district_name"], cell["state"]): cell for cell in mine}
        districts = dict.fromkeys(cell["district_name"] for cell in mine)
        yield {
            "code": code,
            "name": name,
            "states": [labels[state] for state in states],
            "rows": [
                _row(district, [found.get((district, state)) for state in states]) for district in districts
            ],
            "sums": _row(
                "",
                [
                    {
                        "cases": sum(cell["cases"] for cell in mine if cell["state"] == state),
                        "approved": sum(_amount(cell) for cell in mine if cell["state"] == state),
                        "estimate": 0,
                    }
                    for state in states
                ],
            ),
        }


def _row(name: str, cells: list[dict | None]) -> dict:
    known = [cell for cell in cells if cell]
    return {
        "name": name,
        "cells": [{"cases": cell["cases"], "amount": _amount(cell)} if cell else None for cell in cells],
        "cases": sum(cell["cases"] for cell in known),
        "amount": sum((_amount(cell) for cell in known), Decimal(0)),
    }
