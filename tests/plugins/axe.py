"""What axe finds on a page: WCAG 2.2 at levels A and AA, and its best practices."""

import json

from axe_playwright_python.base import AXE_SCRIPT

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}


def violations(page, context: dict | None = None) -> list[str]:
    """One line for each rule that the page breaks: its name and the first element. context: axe's own."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE_SCRIPT)
    given = json.dumps(context or {"include": [["html"]]})
    found = page.evaluate(f"axe.run({given}, {json.dumps(OPTIONS)}).then(results => results.violations)")
    return [f"{one['id']} ({len(one['nodes'])}): {one['nodes'][0]['html'][:200]}" for one in found]
