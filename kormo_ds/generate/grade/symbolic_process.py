"""The process behind `symbolic`: reads pairs of expressions as JSON lines, answers in JSON.

The kernel ends it (SIGXCPU) when one pair has used its seconds of processor time, and it ends
when its standard input does.
"""

import contextlib
import json
import logging
import math
import resource
import sys

MEMORY_BYTES = 4 << 30


def same(reference: str, answer: str) -> bool | None:
    """Whether math-verify finds them equal; None where it reads one of them as nothing."""
    from math_verify import LatexExtractionConfig, parse, verify

    read = [
        parse(
            f"$\\boxed{{{text}}}$",
            extraction_config=[LatexExtractionConfig()],
            fallback_mode="no_fallback",
            parsing_timeout=None,
        )
        for text in (reference, answer)
    ]
    if not all(read):
        return None
    return bool(verify(*read, timeout_seconds=None))


def main() -> None:
    """Answer until the input ends."""
    logging.disable(logging.CRITICAL)
    with contextlib.suppress(ValueError, OSError):  # some systems know no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    import math_verify  # noqa: F401  not part of the first pair's time

    for line in sys.stdin:
        question = json.loads(line)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        used = usage.ru_utime + usage.ru_stime
        limit = math.ceil(used + question["seconds"])
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
        try:
            result = same(question["reference"], question["answer"])
        except MemoryError:
            return
        except Exception:  # math-verify and sympy raise all kinds of errors on odd input
            result = None
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
