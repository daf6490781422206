"""``python -m charrobust``."""

from charrobust.cli import main

if __name__ == "__main__":
    main()
