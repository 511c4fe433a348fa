"""Google Contacts: signing in, reading contacts and what has changed, through Google's own client library.

The library is heavy (a third of a second): it is imported when something is asked of Google, not before.
"""
