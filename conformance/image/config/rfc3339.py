"""Date-times of RFC 3339, section 5.6: what is wrong with one."""

from __future__ import annotations

import calendar
import re

FORM = "an RFC 3339 date-time, as 2015-10-31T22:22:56.015925234Z or 2015-10-31T22:22:56+01:00"

_MINUTES_A_DAY = 24 * 60
_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})([Tt ])([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)


def fault(text: str) -> str:
    """What is wrong with a date-time, in words; empty if nothing is.

    `t` and `z` are as good as `T` and `Z`. A leap second stands at the end of a month of UTC, whether there was one
    then or not.
    """
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return "not of that form"
    year, month, day, hour, minute, second = (int(match[group]) for group in (1, 2, 3, 5, 6, 7))
    offset_hour, offset_minute = int(match[9] or 0), int(match[10] or 0)
    if not 1 <= month <= 12:
        return f"there is no month {match[2]}"
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        return f"there is no day {match[3]} in that month"
    if hour > 23 or minute > 59 or second > 60:
        return "there is no such time of day"
    if offset_hour > 23 or offset_minute > 59:
        return "there is no such offset"
    if second == 60:
        offset = (offset_hour * 60 + offset_minute) * (-1 if match[8] == "-" else 1)
        passed, of_day = divmod(hour * 60 + minute - offset, _MINUTES_A_DAY)
        ends_month = {-1: day == 1, 0: day == last, 1: day + 1 == last}[passed]
        if not ends_month or of_day != _MINUTES_A_DAY - 1:
            return "leap seconds are at the end of a month of UTC"
    if match[4] == " ":
        return "a space, where section 5.6 has a T and a note that others may choose a space"
    return ""
