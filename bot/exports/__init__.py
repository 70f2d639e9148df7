"""Exports: rows as columns of words and codes, as CSV or XLSX, written piece by piece and never to a disk."""
