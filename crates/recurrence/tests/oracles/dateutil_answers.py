"""Answers from python-dateutil: a question a line, `rule<TAB>start<TAB>zone<TAB>how many`, both times civil.

An answer is a line of seconds since 1970 in the question's zone, or `error: …`. A search that finds nothing goes on to
the year 9999, so each question has a limit of CPU time.
"""

import signal
import sys
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr


SECONDS_PER_ANSWER = 0.15


def give_up(_signal, _frame):
    raise TimeoutError("no answer in time")


def answer(rule, start, zone, count):
    civil = rrulestr(rule, dtstart=datetime.fromisoformat(start))
    zone = ZoneInfo(zone)
    return " ".join(str(int(time.replace(tzinfo=zone).timestamp())) for time in islice(civil, int(count)))


signal.signal(signal.SIGVTALRM, give_up)
for line in sys.stdin:
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS_PER_ANSWER)
        print(answer(*line.rstrip("\n").split("\t")))
    except Exception as error:
        print(f"error: {error}".replace("\n", " "))
