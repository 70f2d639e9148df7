"""`python -m bot`: the same as `anju`."""

from bot.start import main

if __name__ == "__main__":
    main()
