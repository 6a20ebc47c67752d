"""Every event in a calendar, as JSON, with the instants of its alarms in UTC and by the clocks of London."""

import datetime
import json
import sys
import zoneinfo

import icalendar

LONDON = zoneinfo.ZoneInfo("Europe/London")


def instant(at):
    return at.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


with open(sys.argv[1], "rb") as file:
    calendar = icalendar.Calendar.from_ical(file.read())
events = []
for event in calendar.walk("VEVENT"):
    alarms = [alarm.trigger for alarm in icalendar.Alarms(event).times]
    events.append(
        {
            "uid": str(event["UID"]),
            "sequence": int(event["SEQUENCE"]),
            "stamp": instant(event["DTSTAMP"].dt),
            "modified": instant(event["LAST-MODIFIED"].dt),
            "start": instant(event["DTSTART"].dt),
            "is_utc": event["DTSTART"].dt.tzname() == "UTC",
            "takes": str(event.duration),
            "summary": str(event["SUMMARY"]),
            "description": str(event["DESCRIPTION"]),
            "alarms": [instant(alarm) for alarm in alarms],
            "in_london": [alarm.astimezone(LONDON).isoformat() for alarm in alarms],
            "reminders": [str(alarm["DESCRIPTION"]) for alarm in event.walk("VALARM")],
        }
    )
errors = [str(error) for component in calendar.walk() for error in component.errors]
json.dump({"events": events, "errors": errors, "product": str(calendar["PRODID"])}, sys.stdout)
