"""The operator's calendar: one .ics file per entry in a folder."""

from connectors.calendar.connector import AddParams, AddResult, Calendar, RemoveResult
from connectors.calendar.events import Entry

__all__ = ["AddParams", "AddResult", "Calendar", "Entry", "RemoveResult"]
