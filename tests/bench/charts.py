# SPDX-License-Identifier: GPL-2.0-or-later
"""Small SVG charts with logarithmic axes, without any library."""
from __future__ import annotations

import math
from xml.sax.saxutils import escape

COLORS = ["#1b6ca8", "#d1603d", "#6a994e", "#8e5ea2", "#b08900"]
WIDTH, LEFT, RIGHT = 820, 90, 24
FONT = 'font-family="sans-serif" font-size="12"'
Points = list[tuple[float, float]]


def label(v: float) -> str:
    return f"{v:,.0f}" if v >= 10 else f"{v:.3g}"


def svg(height: int, title: str, parts: list[str]) -> str:
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
            f'viewBox="0 0 {WIDTH} {height}" {FONT}>')
    back = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    name = f'<text x="16" y="24" font-size="15" font-weight="bold">{escape(title)}</text>'
    return "\n".join([head, back, name, *parts, "</svg>"]) + "\n"


def decades(low: float, high: float) -> tuple[int, int]:
    a, b = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return a, max(b, a + 1)


def legend(names: list[str], y: float) -> list[str]:
    out, x = [], float(LEFT)
    for i, name in enumerate(names):
        out.append(f'<rect x="{x:.0f}" y="{y - 10:.0f}" width="12" height="12" fill="{COLORS[i % 5]}"/>'
                   f'<text x="{x + 17:.0f}" y="{y:.0f}">{escape(name)}</text>')
        x += 45 + 7.2 * len(name)
    return out


def bars(title: str, groups: dict[str, dict[str, float]]) -> str:
    """One group of bars a scenario, one bar a daemon."""
    names = list(dict.fromkeys(n for g in groups.values() for n in g))
    values = [v for g in groups.values() for v in g.values() if v > 0]
    low, high = decades(min(values), max(values))
    across = lambda v: LEFT + (math.log10(v) - low) / (high - low) * (WIDTH - LEFT - RIGHT - 60)
    parts, y = legend(names, 50), 72.0
    top = y
    for group, by_name in groups.items():
        parts.append(f'<text x="16" y="{y + 9 * len(by_name):.0f}">{escape(group)}</text>')
        for name, v in by_name.items():
            color = COLORS[names.index(name) % 5]
            parts.append(f'<rect x="{LEFT}" y="{y:.0f}" width="{max(1.0, across(v) - LEFT):.1f}" '
                         f'height="14" fill="{color}"/>'
                         f'<text x="{across(v) + 5:.1f}" y="{y + 11:.0f}">{label(v)}</text>')
            y += 17
        y += 12
    for d in range(low, high + 1):
        x = across(10.0 ** d)
        parts.insert(0, f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top - 4:.0f}" y2="{y:.0f}" stroke="#dddddd"/>'
                        f'<text x="{x:.1f}" y="{y + 14:.0f}" text-anchor="middle">{label(10.0 ** d)}</text>')
    return svg(int(y + 26), title, parts)


def lines(title: str, x_name: str, series: dict[str, Points]) -> str:
    """Both axes logarithmic: a straight line is a power."""
    height, top, bottom = 420, 72, 370
    xs = [x for p in series.values() for x, _ in p]
    ys = [y for p in series.values() for _, y in p if y > 0]
    (x0, x1), (y0, y1) = decades(min(xs), max(xs)), decades(min(ys), max(ys))
    px = lambda x: LEFT + (math.log10(x) - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT)
    py = lambda y: bottom - (math.log10(y) - y0) / (y1 - y0) * (bottom - top)
    parts = legend(list(series), 50)
    for d in range(x0, x1 + 1):
        x = px(10.0 ** d)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" stroke="#dddddd"/>'
                     f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{label(10.0 ** d)}</text>')
    for d in range(y0, y1 + 1):
        y = py(10.0 ** d)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#dddddd"/>'
                     f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label(10.0 ** d)}</text>')
    for i, points in enumerate(series.values()):
        path = " ".join(f"{px(x):.1f},{py(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{COLORS[i % 5]}" stroke-width="2"/>')
        parts += [f'<circle cx="{px(x):.1f}" cy="{py(y):.1f}" r="3.5" fill="{COLORS[i % 5]}"/>'
                  for x, y in points]
    parts.append(f'<text x="{(LEFT + WIDTH) / 2}" y="{height - 14}" text-anchor="middle">{escape(x_name)}</text>')
    return svg(height, title, parts)
