#!/usr/bin/env python3
"""Shows results: show.py RESULTS.csv PLOT.svg PAGE.md draws the plot and renews the table of the page."""

import csv
import html
import math
import pathlib
import sys

COLOURS = {"tlsock": "#0b6e4f", "cpython": "#c08497", "node": "#b08900", "libtls": "#5c7cfa", "go": "#868e96"}
LABELS, WIDTH, ROW, TOP = 210, 560, 26, 46
LEAST, MOST = 0.1, 10.0


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def ratio(row):
    """The ratio that counts: processor time where it was measured, otherwise size."""
    kind = "cpu" if row["cpu"] else "wall"
    return tuple(float(row[kind + end]) for end in ("", "_low", "_high"))


def number(value):
    if value >= 20:
        return f"{value:.0f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.1g}"


def by_workload(results):
    groups = {}
    for row in results:
        groups.setdefault(row["workload"], {})[row["peer"]] = row
    return groups


def table(results):
    peers = [peer for peer in COLOURS if any(row["peer"] == peer for row in results)]
    lines = ["| workload | raw libssl | " + " | ".join(peers) + " |", "| --- " * (len(peers) + 2) + "|"]
    for workload, found in by_workload(results).items():
        first = next(iter(found.values()))
        cells = [f"{first['raw']} {first['unit']}"]
        for peer in peers:
            if peer not in found:
                cells.append("-")
                continue
            middle, low, high = map(number, ratio(found[peer]))
            cells.append(f"{middle} ({low}-{high})")
        lines.append(f"| {workload} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def place(value):
    share = math.log(min(max(value, LEAST), MOST) / LEAST) / math.log(MOST / LEAST)
    return LABELS + share * WIDTH


def plot(results):
    groups = {name: found for name, found in by_workload(results).items() if "memory of" not in name}
    height = TOP + ROW * len(groups) + 12
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABELS + WIDTH + 20}" height="{height}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for index, (peer, colour) in enumerate(COLOURS.items()):
        out.append(f'<circle cx="{LABELS + index * 90}" cy="12" r="5" fill="{colour}"/>')
        out.append(f'<text x="{LABELS + index * 90 + 9}" y="16">{peer}</text>')
    for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10):
        x, colour = place(tick), "#222" if tick == 1 else "#ddd"
        out.append(f'<line x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{height - 8}" stroke="{colour}"/>')
        out.append(f'<text x="{x:.1f}" y="{TOP - 13}" text-anchor="middle" fill="#555">{tick:g}</text>')
    for index, (workload, found) in enumerate(groups.items()):
        y = TOP + ROW * index + ROW / 2
        out.append(f'<text x="{LABELS - 12}" y="{y + 4:.1f}" text-anchor="end">{html.escape(workload)}</text>')
        for peer, row in reversed(found.items()):
            middle, low, high = map(place, ratio(row))
            colour, radius = COLOURS[peer], 6 if peer == "tlsock" else 4
            out.append(f'<line x1="{low:.1f}" y1="{y}" x2="{high:.1f}" y2="{y}" stroke="{colour}" stroke-width="2"/>')
            out.append(f'<circle cx="{middle:.1f}" cy="{y}" r="{radius}" fill="{colour}"/>')
            if peer == "tlsock" and not LEAST < ratio(row)[0] < MOST:
                # Beyond the scale: at its end, with the value.
                text = number(ratio(row)[0])
                out.append(f'<text x="{middle - 12:.1f}" y="{y + 4:.1f}" text-anchor="end" fill="{colour}">{text}</text>')
    return "\n".join(out + ["</svg>", ""])


def renew(page, name, lines):
    """Puts lines where a page has the table of that name."""
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, rest = page.read_text().split(start)
    page.write_text(f"{before}{start}\n{lines}\n{end}{rest.split(end)[1]}")


def main():
    results, svg, page = (pathlib.Path(name) for name in sys.argv[1:4])
    found = rows(results)
    svg.write_text(plot(found))
    renew(page, "table", table(found))


if __name__ == "__main__":
    main()
