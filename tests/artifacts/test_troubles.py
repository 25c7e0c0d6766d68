"""What symbolication failed on lately."""

from headwater.artifacts.troubles import MAX_TROUBLES, TROUBLE_SECONDS, Troubles


def test_a_trouble_is_forgotten_after_a_while() -> None:
    now = 0.0
    troubles = Troubles(lambda: now)
    troubles.remember("decode a", "it crashed")
    now = TROUBLE_SECONDS - 1
    troubles.remember("decode b", "it crashed")

    before = set(troubles.current())
    now = TROUBLE_SECONDS + 1
    after = set(troubles.current())

    assert before == {"decode a", "decode b"}
    assert after == {"decode b"}


def test_only_the_latest_are_remembered() -> None:
    troubles = Troubles(lambda: 0.0)

    for number in range(MAX_TROUBLES + 3):
        troubles.remember(str(number), "it crashed")

    assert list(troubles.current()) == [str(number) for number in range(3, MAX_TROUBLES + 3)]
