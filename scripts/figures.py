"""The size of the house: lines a file and a function, and the share of code that is free of I/O."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

ROOT = Path(__file__).parents[1] / "helpdesk"
PURE = {"model", "parse", "decide"}


def code_lines(text: str) -> int:
    return sum(1 for line in text.splitlines() if line.strip() and not line.strip().startswith("#"))


def function_lengths(text: str) -> list[tuple[int, str]]:
    functions = [
        n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return [(node.end_lineno - node.lineno + 1, node.name) for node in functions]


def line(name: str, lengths: list[tuple[int, str]]) -> str:
    numbers = sorted(length for length, _ in lengths)
    longest = max(lengths)
    p90 = numbers[int(len(numbers) * 0.9)]
    middle = statistics.median(numbers)
    return f"{name:10} {len(numbers):5} median {middle:g}, p90 {p90}, max {longest[0]} ({longest[1]})"


def main() -> None:
    files = {path.relative_to(ROOT): path.read_text("utf-8") for path in sorted(ROOT.rglob("*.py"))}
    by_part: dict[str, int] = {}
    for path, text in files.items():
        part = path.parts[0] if len(path.parts) > 1 else "(top)"
        by_part[part] = by_part.get(part, 0) + code_lines(text)
    functions = [
        (length, f"{path}:{name}") for path, text in files.items() for length, name in function_lengths(text)
    ]
    print(line("files", [(len(text.splitlines()), str(path)) for path, text in files.items()]))
    print(line("functions", functions))
    for part, count in sorted(by_part.items(), key=lambda item: -item[1]):
        print(f"{part:10} {count:6} lines")
    product = sum(count for part, count in by_part.items() if part != "testing")
    pure = sum(count for part, count in by_part.items() if part in PURE)
    print(f"model, parse, decide: {100 * pure / product:.0f} % of {product} lines (testing left out)")


if __name__ == "__main__":
    main()
