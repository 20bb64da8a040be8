"""Which cases the demo has, and how each came to be where it stands.

A script is a list of (working days since the step before, act of demo.stories.Story). The last act lies
`idle` working days before the first start, so that some cases are fresh, some urgent and some overdue.
"""

from dataclasses import dataclass, field

CLAIM = [(0, "claim"), (1, "verify")]
HAND_IN = [*CLAIM, (1, "draft"), (0, "submit")]
ACCEPTED = [*HAND_IN, (1, "accept")]
RECOMMENDED = [*ACCEPTED, (2, "recommend")]
ENDORSED = [*RECOMMENDED, (1, "endorse")]
REVIEWED = [*ENDORSED, (2, "ask_experts"), (2, "review_second"), (1, "review_third")]
PROPOSED = [*ENDORSED, (3, "propose")]
SIGNED = [*PROPOSED, (1, "sign_off")]
PUBLISHED = [*SIGNED, (1, "publish")]
APPROVED = [*PUBLISHED, (6, "approve")]
ORDERED = [*APPROVED, (1, "order")]
RELEASED = [*ORDERED, (1, "release")]
PAID = [*RELEASED, (1, "confirm")]


@dataclass(frozen=True)
class Script:
    """`idle`: one case for each number; `together`: they stand on one public notice."""

    name: str
    steps: list[tuple[int, str]]
    idle: list[int]
    item: str = "08-01"
    together: bool = False
    # The usernames of the first cases' owners, where a demo account owns them.
    owners: list[str] = field(default_factory=list)

    @property
    def length(self) -> int:
        return sum(days for days, _act in self.steps)


SCRIPTS = [
    Script("draft", [*CLAIM, (1, "begin")], [0, 2, 5]),
    Script("claimed", [(0, "claim")], [0, 2], owners=["qiye3"]),
    Script("claim rejected", [(0, "claim"), (1, "reject_claim")], [3]),
    Script("discarded", [*CLAIM, (1, "begin"), (2, "discard")], [4]),
    Script("submitted", HAND_IN, [0, 1, 2, 3, 4, 6]),
    Script("correction at the door", [*HAND_IN, (1, "ask")], [3, 1], owners=["qiye2"]),
    Script("corrected", [*HAND_IN, (1, "ask"), (3, "answer")], [1, 2]),
    Script("correction in the district", [*ACCEPTED, (2, "ask")], [2, 9]),
    Script("correction at the commission", [*ENDORSED, (3, "ask")], [4]),
    Script("district review", ACCEPTED, [0, 3, 6, 8, 9, 12]),
    Script("sent back", [*RECOMMENDED, (1, "send_back")], [2]),
    Script("district endorsement", RECOMMENDED, [0, 1, 2, 4]),
    Script("municipal review", ENDORSED, [1, 12, 17, 19], owners=["qiye1"]),
    Script("reviewed by experts", REVIEWED, [1]),
    Script("answered at the commission", [*ENDORSED, (3, "ask"), (4, "answer")], [3]),
    Script("proposed", PROPOSED, [0, 2, 4]),
    Script(
        "decline notified by the district",
        [*ACCEPTED, (3, "recommend_against"), (1, "endorse")],
        [3],
    ),
    Script("decline notified", [*ENDORSED, (3, "propose_decline"), (1, "sign_off")], [2]),
    Script("declined", [*ENDORSED, (3, "propose_decline"), (1, "sign_off"), (6, "decline")], [2]),
    Script(
        "declined by the district",
        [*ACCEPTED, (3, "recommend_against"), (1, "endorse"), (6, "decline")],
        [4],
    ),
    Script("signed off", SIGNED, [0, 1, 3]),
    Script("on notice", PUBLISHED, [2, 2, 2], together=True),
    Script("notice closed", PUBLISHED, [6, 6], together=True),
    Script("approved", APPROVED, [2, 2], together=True),
    Script("ordered", ORDERED, [1, 1], together=True),
    Script("released", RELEASED, [1], together=True),
    Script("paid", PAID, [6, 6, 6, 6], together=True),
    Script("withdrawn", [*ACCEPTED, (1, "withdraw")], [5]),
    Script("withdrawn after the proposal", [*PROPOSED, (1, "withdraw")], [3]),
    Script("lapsed", [*HAND_IN, (1, "ask"), (9, "remind"), (3, "lapse")], [2]),
    Script("not accepted", [*HAND_IN, (2, "refuse_acceptance")], [2]),
    Script(
        "defended",
        [*ACCEPTED, (3, "recommend_against"), (1, "endorse"), (2, "defend")],
        [1],
    ),
    Script("objected to", [*PUBLISHED, (2, "object")], [1]),
    Script("change asked for", [*PAID, (4, "ask_change")], [2]),
    Script("completed", [*PAID, (5, "complete")], [4]),
    Script("revocation told", [*APPROVED, (2, "notify_revocation")], [2]),
    Script("revoked", [*PAID, (2, "notify_revocation"), (7, "revoke")], [3]),
    Script("referral submitted", HAND_IN, [1], item="03-10"),
    Script("referred", ACCEPTED, [4, 11], item="03-10"),
    Script("concluded", [*ACCEPTED, (6, "conclude")], [3, 5], item="03-10"),
    Script("in a consortium", [*CLAIM, (1, "draft_together"), (0, "submit"), (1, "accept")], [3]),
    Script("in dollars", [*CLAIM, (1, "draft_in_dollars"), (0, "submit"), (1, "accept")], [2]),
]
