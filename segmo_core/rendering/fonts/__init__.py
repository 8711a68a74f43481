"""The fonts of the program, for its window and for words in pictures: Inter (OFL.txt), Latin letters."""

from pathlib import Path

FONT_FOLDER = Path(__file__).parent
