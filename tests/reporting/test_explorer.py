"""The page to look around in, in a real browser: what a reader does with a mouse, with keys, and on a phone."""

import re

import pytest

from lossbasins.reporting.explorer import explorer_page
from lossbasins.reporting.exploring import lines, measures_of, shown, solutions, under_protocols
from tests.browser import browser
from tests.reporting.measurements import measurements
from tests.reporting.test_exploring import explored

MARKS = "#chart .mark-symbol.role-mark path[aria-label]"


@pytest.fixture(scope="module")
def rows():
    made = measurements(optimizers=("sgd",), attacks=((0.0, 0), (0.5, 400)))
    points = [explored(made, run) for run in range(2)]
    loss = float(made.evaluations[0]["train_loss"].median())
    points.append(
        explored(made, 0, cell="sgd none matched", folder="results/s/runs/0/matched", polished=True, loss=loss)
    )
    frame = under_protocols(solutions(points, 10), attack_accuracy=0.95, gradient_norm=1.0, within=0.5)
    return *shown(frame, measures_of(frame)), lines(points)


@pytest.fixture(scope="module")
def page(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("explore") / "explore.html"
    path.write_text(explorer_page("made <up>", *rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=[(1400, 900), (390, 844)], ids=["wide", "phone"])
def window(request):
    driver = browser(*request.param)
    yield driver
    driver.quit()


@pytest.fixture
def opened(window, page):
    from selenium.webdriver.support.wait import WebDriverWait

    window.get(page.as_uri())
    WebDriverWait(window, 30).until(lambda driver: marks(driver))
    return window


def marks(driver):
    return driver.find_elements("css selector", MARKS)


def tab(driver, name):
    driver.find_element("css selector", f"#controls input[type=radio][value={name}]").send_keys(" ")


def test_the_page_asks_for_nothing_and_is_the_same_each_time(rows, page):
    text = page.read_text()
    assert text == explorer_page("made <up>", *rows)
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=[\"']?http", text)
    assert "made &lt;up&gt;" in text
    assert len(text) < 3e6


def test_every_solution_is_a_mark_and_nothing_is_wider_than_the_window(opened, rows):
    assert len(marks(opened)) == (rows[0]["protocol"] == "raw").sum()
    width = opened.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    assert width[0] <= width[1]
    assert opened.get_log("browser") == []


def test_pointing_at_a_mark_tells_the_solution(opened, rows):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.support.wait import WebDriverWait

    ActionChains(opened).move_to_element(marks(opened)[0]).perform()
    box = WebDriverWait(opened, 60).until(lambda d: d.find_element("css selector", "#vg-tooltip-element.visible"))
    told = {
        row.find_element("css selector", ".key").text: row.find_element("css selector", ".value").text
        for row in box.find_elements("css selector", "tr")
    }
    frame = rows[0]
    found = frame[
        (frame["cell"] == told["solutions"]) & (frame["replica"] == int(told["replica"])) & (frame["protocol"] == "raw")
    ]
    assert len(found) == 1
    for title, column in (("test accuracy", "test_accuracy"), ("training loss", "train_loss"), ("|w|", "weight_norm")):
        assert told[title] == f"{found[column].iloc[0]:.4g}"
    assert told["audit"] == found["folder"].iloc[0]


def test_reaching_a_mark_by_keyboard_keeps_it_and_names_its_audit(opened):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.wait import WebDriverWait

    opened.find_element("css selector", "#controls input[type=search]").click()
    box = opened.find_element("id", "chosen")
    ActionChains(opened).send_keys(Keys.TAB).perform()
    WebDriverWait(opened, 60).until(lambda _: "No solution" not in box.text)
    text = box.text
    assert re.search(r"lossbasins audit results/s/runs/\d/trained/solutions\.safetensors", text)
    assert "test accuracy" in text


def test_tabs_are_protocols_and_are_chosen_by_keyboard(opened, rows):
    for protocol in ("matched", "interpolated", "raw"):
        tab(opened, protocol)
        assert len(marks(opened)) == (rows[0]["protocol"] == protocol).sum()


def test_any_measure_goes_against_any_other(opened):
    from selenium.webdriver.support.select import Select

    across, up = (Select(found) for found in opened.find_elements("css selector", "#controls select"))
    assert len(across.options) == len(up.options) >= 10
    before = [mark.get_attribute("transform") for mark in marks(opened)]
    across.select_by_visible_text("weight norm")
    up.select_by_visible_text("log10 frobenius")
    after = [mark.get_attribute("transform") for mark in marks(opened)]
    assert len(after) == len(before)
    assert after != before
    assert "log10 frobenius against weight norm" in opened.find_element("id", "chart").text


def test_typing_a_name_and_brushing_leave_others_out(opened):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.wait import WebDriverWait

    def left(number):
        WebDriverWait(opened, 60).until(lambda driver: len(marks(driver)) == number)

    box = opened.find_element("css selector", "#controls input[type=search]")
    box.send_keys("W0.5")
    left(4)
    box.send_keys(Keys.BACKSPACE * 4)
    left(8)
    bar = opened.find_elements("css selector", "#chart path[aria-label*='Count of Records']")[0]
    opened.execute_script("arguments[0].scrollIntoView({block: 'center'})", bar)
    half = int(bar.size["width"] / 2)
    over = ActionChains(opened).move_to_element_with_offset(bar, -half, 0).click_and_hold()
    over.move_by_offset(2 * half, 0).release().perform()
    WebDriverWait(opened, 60).until(lambda driver: 0 < len(marks(driver)) < 8)
    lines_drawn = "#chart .mark-line path[d]"
    WebDriverWait(opened, 60).until(
        lambda driver: len(driver.find_elements("css selector", lines_drawn)) == len(marks(driver))
    )
