"""Lists of tenants and homes that are handed in as files: read apart, checked, taken; templates and reports."""
