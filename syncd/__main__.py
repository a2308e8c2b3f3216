"""`python -m syncd`: the same command where no `syncd` is on the path."""

from syncd.cli import main

if __name__ == "__main__":
    main()
