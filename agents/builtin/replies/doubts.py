"""What keeps the words of a reply from being a change: doubt, and values that it doesn't know."""

import re

DOUBT = re.compile(
    r"\b(?:maybe|perhaps|not\s+sure|don'?t\s+know|if(?!\s+possible)|should(?!\s+(?:be|say|read|"
    r"go))|"
    r"could\s+be|think|how|why|what|who|when)\b"
)
"""A reply that asks or wonders changes nothing."""
REASON = re.compile(
    r"\b(?:because|since|as\s+(?:they|he|she|we|i|it|the|agreed|discussed|usual)|so\s+that|weil|"
    r"porque|ya\s+que|parce\s+que)\b.*$",
    re.S,
)
"""Why the operator changes something, which changes nothing itself."""
VAGUE = re.compile(
    r"\b(?:shorter|longer|nicer|friendlier|warmer|better|cheaper|more\s+\w+|less\s+\w+|"
    r"different(?:ly)?|rewrite|rephrase|again)\b"
)
"""A wish without a value."""
RELATIVE = re.compile(
    r"\b(?:\d+\s*\S{0,7}\s+(?:less|more|lower|higher|cheaper|off|extra)|(?:add|plus|minus|less|"
    r"another|extra|additional|take\s+off|knock\s+off|raise\s+(?:it\s+)?by|lower\s+(?:it\s+)?by|"
    r"reduce\s+(?:it\s+)?by|increase\s+(?:it\s+)?by)\s+\S{0,4}\d)|%|\bpercent\b"
)
"""A change relative to the card's amount, which a reply alone doesn't know."""
