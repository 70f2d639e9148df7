"""What is remembered: tables, queries that return records, encryption at rest."""
