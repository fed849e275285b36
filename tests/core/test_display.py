import socket

import pytest

from vaesynth.display import missing_display


@pytest.mark.parametrize(
    ("environment", "platform"),
    [
        ({}, "win32"),
        ({}, "darwin"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux"),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux"),
        ({"QT_QPA_PLATFORM": "vnc:size=800x600"}, "linux"),
    ],
)
def test_there_is_a_screen(environment: dict[str, str], platform: str) -> None:
    assert missing_display(environment, platform) is None


@pytest.mark.parametrize("environment", [{}, {"DISPLAY": ""}, {"QT_QPA_PLATFORM": "xcb"}])
def test_there_is_none(environment: dict[str, str]) -> None:
    assert missing_display(environment, "linux") == "there is no screen"


@pytest.mark.parametrize("name", [":54321", "localhost:59000", "no.such.socket", ":"])
def test_a_screen_that_nobody_serves(name: str) -> None:
    assert missing_display({"DISPLAY": name}, "linux") == f"the screen {name} does not answer"


def test_a_screen_across_the_network_answers() -> None:
    with socket.socket() as server:
        for number in range(4000, 4100):
            try:
                server.bind(("127.0.0.1", 6000 + number))
            except OSError:
                continue
            break
        server.listen()
        assert missing_display({"DISPLAY": f"127.0.0.1:{number}.0"}, "linux") is None
