"""What people of the demo write beside an action, by its type."""

NOTES = {
    "face_to_face": [
        "With their CFO and the buyer; budget is still there.",
        "Walked the floor with the users. They want it before the audit.",
        "Lunch with the sponsor. She will open the door to legal.",
    ],
    "webinar": [
        "Showed the reporting part; two questions on access rights.",
        "Twelve users joined. The night shift needs its own view.",
    ],
    "conference_call": [
        "Went through the open points; three are left.",
        "Their IT wants the data in the region.",
        "Agreed who does what until the next call.",
    ],
    "call_to": [
        "Procurement still wants the second quote.",
        "Left a word with the assistant; call back on Thursday.",
        "Budget holder is on board, legal is not yet.",
    ],
    "call_from": ["Asked whether we can start a month earlier.", "They compare us with one other offer."],
    "email": [
        "Sent the revised offer.",
        "Redlines to their legal team.",
        "Minutes of the workshop, with dates.",
        "Reference list and two contacts.",
    ],
    "coaching_session": [
        "Practised the price talk.",
        "Who decides, and who only says so: drew the map together.",
        "Prepared the questions for the first meeting with the sponsor.",
    ],
    "joint_deal_review": [
        "Partner takes the security questions, we take the price.",
        "No next step with a date, so we made one.",
    ],
    "partner_introduction": ["Brought their architect and our sponsor to one table."],
    "obstacle_cleared": ["Solved with the partner; they put it in writing."],
    "business_review": ["Went through the quarter: two deals won, one stuck in legal."],
    "enablement": ["Trained four of their consultants on the new pricing."],
}
