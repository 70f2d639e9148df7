"""Announcements to many: written, approved by a second person, sent, answered."""
