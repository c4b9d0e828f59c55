"""The sentences of the demo and the bench are many enough that no dictionary of one compressor knows them all."""

from random import Random

from server.demo.narrative import narrative, sentence, sentences, short_sentences


def test_there_are_at_least_two_thousand_distinct_sentences() -> None:
    made = list(sentences())
    assert len(made) == len(set(made)) == 30_240
    short = list(short_sentences())
    assert len(short) == len(set(short)) == 3_360


def test_a_drawn_sentence_is_one_of_them_and_a_narrative_is_lines_of_them() -> None:
    known = set(sentences())
    assert sentence(Random(1)) in known
    lines = narrative(Random(2), count=3).split("\n")
    assert len(lines) == 3
    assert set(lines) <= known
