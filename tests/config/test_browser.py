"""The browser that journeys run in."""


def test_the_browser_starts_and_keeps_to_the_given_program(page, browser_type_launch_args, chromium_path):
    assert browser_type_launch_args["executable_path"] == str(chromium_path)
    page.set_content("<title>科服直达</title><p>申报通知</p>")
    assert page.title() == "科服直达"
    assert page.locator("p").inner_text() == "申报通知"
