"""The static site and the draft page in a real browser: used, looked at, and checked for access."""

import re
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project.parsing import load_dictionary
from dagster_project.web_guard import Policy, judge_sender, name_origins
from dagster_project.web_server import bind
from pages.draft.app import make_app
from pages.draft.last_year import LastYearOfRelease
from pages.site import write_site

axe = pytest.importorskip("axe_playwright_python.sync_playwright")

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def site(built: tuple, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_site(built[0].current_release, tmp_path_factory.mktemp("pages") / "site").folder


def body_page(site: Path, region_code: str) -> str:
    """The page of the body of a region, seen from a language's folder."""
    (path,) = (site / "zh" / "body").rglob(f"{region_code}-*.html")
    return path.relative_to(site / "zh").as_posix()


@pytest.fixture
def open_page(browser) -> Iterator:
    """Opens an address; any error of its scripts, and any request to a network, fails the test."""
    contexts, faults = [], []

    def visit(address: str, viewport: dict = DESK, scheme: str = "light"):
        context = browser.new_context(viewport=viewport, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("file:", "data:", "blob:", "http://127.0.0.1:"))
                else faults.append(request.url)
            ),
        )
        page.goto(address)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert not faults


def serious_violations(page) -> list[str]:
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]


KINDS = (
    "index.html",
    "regions.html",
    "region/330800.html",
    "body",
    "forms.html",
    "form/national_2021.html",
    "data.html",
    "dictionary.html",
    "method.html",
    "search.html?q=qu",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_of_page_is_accessible(
    site: Path, open_page, language: str, scheme: str
) -> None:
    page = open_page(f"{site.as_uri()}/index.html", scheme=scheme)
    for kind in KINDS:
        address = body_page(site, "330800") if kind == "body" else kind
        page.goto(f"{site.as_uri()}/{language}/{address}")
        assert serious_violations(page) == [], kind


def test_no_page_is_wider_than_a_phone(site: Path, open_page) -> None:
    page = open_page(f"{site.as_uri()}/index.html", PHONE)
    for kind in KINDS:
        address = body_page(site, "330800") if kind == "body" else kind
        for language in ("zh", "en"):
            page.goto(f"{site.as_uri()}/{language}/{address}")
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, kind


def test_the_map_and_its_list_follow_the_figure_asked_for(site: Path, open_page) -> None:
    page = open_page(f"{site.as_uri()}/en/index.html")
    rows = page.locator("[data-map-ranking] tr")
    assert "Zhejiang" in rows.first.inner_text()
    zhejiang = page.locator('defs [data-province="330000"]')
    assert zhejiang.get_attribute("class") == "province step-5"
    page.select_option("[data-map-controls] select[name=figure]", "requests")
    assert page.input_value("[data-map-controls] select[name=year]") == "2018"
    assert rows.all_inner_texts() == ["Guangdong 广东省\t52,971"]
    assert zhejiang.get_attribute("class") == "province"


def test_the_ranking_follows_year_and_figure(site: Path, open_page) -> None:
    page = open_page(f"{site.as_uri()}/en/regions.html")
    page.select_option("[data-ranking-controls] select[name=year]", "2018")
    page.wait_for_function(
        "document.querySelector('[data-ranking-note]').textContent.startsWith('2018')"
    )
    shown = page.locator("[data-ranking] tr").all_inner_texts()
    assert [row.split("\t")[:3] for row in shown] == [
        ["1", "Guangdong 广东省", "52,971"],
        ["2", "Quzhou 衢州市", "467"],
    ]
    page.select_option("[data-ranking-controls] select[name=year]", "2020")
    page.select_option("[data-ranking-controls] select[name=figure]", "disclosure_rate")
    page.wait_for_function("document.querySelector('[data-ranking]').textContent.includes('71.7%')")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("shuiku", "六盘水市水库和生态移民局"),
        ("Quzhou", "衢州市"),
        ("lpsssk", "六盘水市水库和生态移民局"),
        ("平潭", "平潭综合实验区管委会"),
    ],
)
def test_names_are_found_in_chinese_and_pinyin(
    site: Path, open_page, words: str, found: str
) -> None:
    page = open_page(f"{site.as_uri()}/zh/index.html")
    page.fill("#q", words)
    page.keyboard.press("Enter")
    link = page.locator("[data-search-results] a", has_text=found).first
    link.wait_for()
    link.click()
    page.wait_for_selector("h1")
    assert found in page.inner_text("h1")


def test_a_figure_shows_its_line_with_the_figure_marked(site: Path, open_page) -> None:
    page = open_page(f"{site.as_uri()}/zh/{body_page(site, '350128Z01')}")
    page.locator(".series button[data-at]", has_text="31").focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog.source[open]")
    dialog.wait_for()
    assert "一、本年新收政府信息公开申请数量" in dialog.inner_text()
    assert dialog.locator("mark").inner_text() == "31"
    assert serious_violations(page) == []
    page.keyboard.press("Escape")
    assert dialog.count() == 0
    # This row prints the figure for natural persons and in total: the page shows the total.
    page.locator(".series button[data-at]", has_text="23").click()
    dialog.wait_for()
    before, mark, after = dialog.locator("blockquote").evaluate(
        "quote => [...quote.childNodes].map(node => node.textContent)"
    )
    assert "23" in before and mark == "23" and not re.search(r"\d", after)


def test_every_page_has_its_other_language(site: Path, open_page) -> None:
    page = open_page(f"{site.as_uri()}/zh/region/330800.html")
    page.click("a.language")
    assert page.url.endswith("/en/region/330800.html")
    assert page.get_attribute("html", "lang") == "en"
    assert "Quzhou" in page.inner_text("h1")


# --- the draft page -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def draft_address(built: tuple) -> Iterator[str]:
    import uvicorn

    listener: socket.socket = bind(0)
    port = listener.getsockname()[1]
    policy = Policy(name_origins(port))
    app = make_app(
        *load_dictionary(),
        LastYearOfRelease(built[0].current_release),
        lambda method, headers: judge_sender(policy, method, headers),
    )
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


def paste(page, text: str) -> None:
    page.fill("#text", text)
    page.click("form.draft button")
    page.wait_for_selector(".checked")


def test_a_pasted_draft_comes_back_checked_and_marked(
    draft_address, open_page, sample_file
) -> None:
    page = open_page(f"{draft_address}/zh")
    text = sample_file("pingtan_2020_constructed.txt").decode()
    paste(page, text.replace("| 28 | 2 |", "| 29 | 2 |"))
    red = page.locator(".finding.red")
    assert red.count() == 2
    assert "左边 29" in red.first.inner_text() and "右边 28" in red.first.inner_text()
    # The release knows last year's report, so the rule across years is judged.
    assert "37" in page.locator(".finding.amber").inner_text()
    assert "23" in page.locator("tr", has_text="一、本年新收政府信息公开申请数量").last.inner_text()
    red.first.locator("button.term").first.click()
    chosen = page.locator(".source-pane .chosen")
    assert chosen.all_inner_texts() == ["29"]
    pane = page.locator(".source-pane").bounding_box()
    place = chosen.bounding_box()
    assert pane["y"] <= place["y"] <= pane["y"] + pane["height"]
    assert serious_violations(page) == []


def test_a_chosen_file_is_checked_in_the_other_language(
    draft_address, open_page, sample_file
) -> None:
    page = open_page(f"{draft_address}/en", PHONE, "dark")
    page.set_input_files(
        "#file",
        {
            "name": "draft.txt",
            "mimeType": "text/plain",
            "buffer": sample_file("liangping_2021.txt"),
        },
    )
    page.wait_for_selector(".checked")
    assert "Every rule that could be checked holds." in page.inner_text("#result")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert serious_violations(page) == []


def test_a_dropped_file_is_checked(draft_address, open_page, sample_file) -> None:
    page = open_page(f"{draft_address}/zh")
    transfer = page.evaluate_handle(
        """text => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([text], "草稿.txt", { type: "text/plain" }));
            return transfer;
        }""",
        sample_file("pingtan_2019.txt").decode(),
    )
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": transfer})
    page.wait_for_selector(".checked")
    assert "平潭综合实验区管委会 2019" in page.inner_text(".checked h2")


def test_the_print_holds_the_result_and_not_the_controls(
    draft_address, open_page, sample_file
) -> None:
    page = open_page(f"{draft_address}/zh")
    text = sample_file("pingtan_2020_constructed.txt").decode()
    paste(page, text.replace("| 28 | 2 |", "| 29 | 2 |"))
    page.emulate_media(media="print")
    assert page.locator(".finding.red").first.is_visible()
    assert page.locator(".form-table").first.is_visible()
    for hidden in (".source-pane", "form.draft", "[data-print]"):
        assert not page.locator(hidden).is_visible()
    assert page.pdf().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Host": "evil.example"}, 421), ({"Origin": "http://evil.example"}, 403)],
)
def test_a_foreign_host_or_origin_is_refused(
    draft_address: str, headers: dict, status: int
) -> None:
    request = urllib.request.Request(f"{draft_address}/zh", headers=headers)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=30)
    assert caught.value.code == status
