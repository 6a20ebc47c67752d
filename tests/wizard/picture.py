"""Draws what a terminal shows as an SVG picture: text that can be selected, in the terminal's own colours.

Input on stdin: {"screen": what was printed, "columns": N, "from": words in the first line, "to": words in the last line,
"title": ..., "description": ...}. Nothing is loaded from elsewhere, and the same input makes the same bytes.
"""

import json
import sys
from html import escape
from itertools import groupby

import pyte

CELL, LINE, SIZE, PADDING, BAR = 8.4, 20, 14, 18, 34
BACKGROUND, EDGE, BARS, PLAIN, FAINT = "#1f2430", "#4b5468", "#2b3142", "#dfe3ea", "#98a2b3"
COLOURS = {"red": "#ff8f88", "green": "#8fd694", "brown": "#f2cc60", "cyan": "#7fd6e0", "blue": "#8fb8ff"}
FONT = "ui-monospace, 'Cascadia Mono', 'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace"


def lines(task):
    """The lines of the part that is shown, each a list of cells."""
    screen = pyte.Screen(task["columns"], 400)
    stream = pyte.Stream(screen)
    stream.feed(task["screen"])
    text = [row.rstrip() for row in screen.display]
    first = next(i for i, row in enumerate(text) if task["from"] in row)
    last = next(i for i in range(first, len(text)) if task["to"] in text[i])
    return [[screen.buffer[i][column] for column in range(len(text[i]))] for i in range(first, last + 1)]


def style(cell):
    colour = COLOURS.get(cell.fg, PLAIN)
    return f'fill="{colour}"' + (' font-weight="bold"' if cell.bold else "")


def runs(row):
    """Cells of one style beside each other, as text at its column; white space alone is left out."""
    column = 0
    for look, cells in groupby(row, style):
        words = "".join(cell.data for cell in cells)
        start = column + len(words) - len(words.lstrip())
        column += len(words)
        if words.strip():
            yield look, start, words.strip()


def picture(task):
    rows = lines(task)
    width = round(task["columns"] * CELL + 2 * PADDING)
    height = BAR + len(rows) * LINE + 2 * PADDING
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(task["title"])}</title>',
        f'<desc id="desc">{escape(task["description"])}</desc>',
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="9" fill="{BACKGROUND}" stroke="{EDGE}"/>',
        f'<path d="M1 {BAR}V10a9 9 0 0 1 9-9H{width - 10}a9 9 0 0 1 9 9V{BAR}z" fill="{BARS}"/>',
        f'<g font-family="{FONT}" font-size="{SIZE}">',
        f'<text x="{width / 2:g}" y="{BAR - 12}" text-anchor="middle" font-size="13" fill="{FAINT}">mesh-onboard</text>',
    ]
    for number, row in enumerate(rows):
        y = BAR + PADDING + number * LINE + SIZE
        for look, column, words in runs(row):
            x, length = PADDING + column * CELL, len(words) * CELL
            out.append(
                f'<text x="{x:g}" y="{y}" textLength="{length:g}" lengthAdjust="spacingAndGlyphs" xml:space="preserve"'
                f" {look}>{escape(words, quote=False)}</text>"
            )
    return "\n".join([*out, "</g>", "</svg>", ""])


if __name__ == "__main__":
    sys.stdout.write(picture(json.load(sys.stdin)))
