"""Colours are told apart by people without red or green cones, on white and on near-black."""

from itertools import combinations

import numpy as np
import pytest

from kormo_ds.dashboard.colours import NOBODY, PALETTE, Colours

VISION = {
    "normal": np.eye(3),
    # Machado, Oliveira, Fernandes 2009, severity 1.0
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB of linear sRGB under its white."""
    share = (TO_XYZ @ np.clip(rgb, 0, 1)) / (TO_XYZ @ np.ones(3))
    x, y, z = np.where(share > 0.008856, np.cbrt(share), 7.787 * share + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def apart(colours, vision: str) -> float:
    seen = [lab(VISION[vision] @ linear(colour)) for colour in colours]
    return min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2))


@pytest.mark.parametrize("vision", VISION)
def test_the_palette_is_told_apart(vision):
    assert apart(PALETTE, vision) > 14  # CIE76; about 2 is just noticed
    assert apart(PALETTE[:4], vision) > 25


@pytest.mark.parametrize(("background", "ratio"), [("#FFFFFF", 2.0), ("#0E1117", 2.6)])
def test_each_colour_stands_out_from_the_page(background, ratio):
    bright = [float(TO_XYZ[1] @ linear(colour)) for colour in (*PALETTE, NOBODY)]
    page = float(TO_XYZ[1] @ linear(background))
    found = [(max(one, page) + 0.05) / (min(one, page) + 0.05) for one in bright]
    assert min(found) > ratio


def test_a_name_keeps_its_colour_whatever_is_shown():
    colours = Colours({"lang": ["ko", "en", "ja"]})
    everything = colours.of("lang", ["ko", "ja", "en", "(none)"], "(none)")
    assert everything == {
        "(none)": NOBODY,
        "en": PALETTE[0],
        "ja": PALETTE[1],
        "ko": PALETTE[2],
    }
    assert colours.of("lang", ["ko"], "(none)") == {"ko": PALETTE[2]}


def test_a_name_that_is_new_comes_after_the_known_and_the_eleventh_begins_again():
    colours = Colours({"source": [f"s{i:02}" for i in range(10)]})
    assert colours.of("source", ["a"], "-") == {"a": PALETTE[0]}
    assert colours.of("kind", ["b", "a"], "-") == {"a": PALETTE[0], "b": PALETTE[1]}
