"""`python -m experiments.calibrate`: the constants of a bundled case."""

from experiments.calibrate.constants import main

if __name__ == "__main__":
    main()
