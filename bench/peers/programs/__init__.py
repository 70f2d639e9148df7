"""The peers' programs, as each peer's own documents show it; they run in `.venv-peers` and know nothing of Anju."""
