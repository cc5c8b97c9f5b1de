import re

import pytest

from lossbasins.report.flow import arranged, flow_svg, reduced

EDGES = [("split", "train"), ("train", "evaluate"), ("split", "evaluate"), ("evaluate", "table"), ("split", "table")]


def test_a_longer_way_stands_for_a_shorter_one():
    assert reduced(EDGES) == {("split", "train"), ("train", "evaluate"), ("evaluate", "table")}


def test_every_rule_is_right_of_those_it_reads_and_has_a_place_of_its_own():
    edges = [*EDGES, ("fetch", "split"), ("fetch", "other"), ("other", "table")]
    place = arranged(reduced(edges))
    assert all(place[a][0] < place[b][0] for a, b in edges)
    assert len(set(place.values())) == len(place)


def test_rules_that_read_each_other_are_told():
    with pytest.raises(ValueError, match="circle: a, b"):
        arranged({("a", "b"), ("b", "a")})


def test_the_drawing_has_a_box_for_each_rule_within_its_frame():
    svg = flow_svg(EDGES)
    width, height = (int(n) for n in re.search(r'width="(\d+)" height="(\d+)"', svg).groups())
    boxes = [tuple(map(float, found)) for found in re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"', svg)]
    assert re.findall(r">(\w+)</text>", svg) == ["evaluate", "split", "table", "train"]
    assert all(x >= 0 and x + w <= width and 0 <= y < height for x, y, w in boxes)
