"""Direct quotations by rule in Spanish: the forms that are easily mistaken."""

from __future__ import annotations

import pytest

from etl.nlp.annotate import TextToAnnotate, annotate
from etl.nlp.gazetteer.gazetteer import Gazetteer
from schemas import Quote


def quotes(text: str, gazetteer: Gazetteer) -> list[Quote]:
    [annotation] = annotate([TextToAnnotate("b", "m", "a", "v", text, "es")], gazetteer)
    return annotation.quotes


def parts(quote: Quote, text: str) -> list[str]:
    return [text[part.char_start : part.char_end] for part in quote.parts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("«No vamos a parar», ha advertido Unai Lasa, «y lo saben».", ["No vamos a parar", "y lo saben"]),
        ("«No vamos a parar —ha advertido Unai Lasa—, y lo saben».", ["No vamos a parar", "y lo saben"]),
        ("“La gente, dijo Unai Lasa, está cansada”.", ["La gente", "está cansada"]),
        ("—No me voy —dijo Unai Lasa—. Me quedo.", ["No me voy", "Me quedo."]),
        ("—No me voy —dijo Unai Lasa, y salió—. Me quedo.", ["No me voy", "Me quedo."]),
        ("“No habrá fiestas, aseguró Unai Lasa.\nNadie respondió.", ["No habrá fiestas"]),
        ("«El mundo ha cambiado”, dijo Unai Lasa.", ["El mundo ha cambiado"]),
        ("«Llegamos.\n»No había luz.\n»Nos fuimos», contó Unai Lasa.", ["Llegamos.", "No había luz.", "Nos fuimos"]),
        ("Unai Lasa contestó: —No pienso irme.", ["No pienso irme."]),
        ("Unai Lasa contestó:\n—No pienso irme.", ["No pienso irme."]),
        ("Unai Lasa dijo: «Mi padre, cuenta mi madre, no dormía».", ["Mi padre, cuenta mi madre, no dormía"]),
    ],
)  # fmt: skip
def test_a_quotation_ends_where_its_attribution_begins_and_goes_on_behind_it(
    text: str, expected: list[str], gazetteer: Gazetteer
) -> None:
    (quote,) = quotes(text, gazetteer)
    assert parts(quote, text) == expected
    assert quote.speaker == "Unai Lasa"


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("“Basta”, declaró a Efe Juan Pérez Gil.", "Juan Pérez Gil"),
        ("“Basta”, dijo en rueda de prensa la portavoz de Salud, Pepa Millán.", "Pepa Millán"),
        ("“Basta”, cuenta entre lágrimas María del Carmen Rojas, vecina del barrio.", "María del Carmen Rojas"),
        ("“Basta”, asegura José Ortega y Gasset.", "José Ortega y Gasset"),
        ("“Basta”, escribió el presidente de Ecuador Daniel Robles.", "Daniel Robles"),
        ("El ministro de Defensa Luis Robledo dijo: “Llegaremos”.", "Luis Robledo"),
        ("“No fue penal”, le dijo el árbitro a Messi.", "el árbitro"),
        ("“Nos mintieron”, dijeron fuentes policiales a este diario.", "fuentes policiales"),
        ("“Basta”, dijo este martes la alcaldesa de Lugo.", "la alcaldesa de Lugo"),
        ("A juicio del economista Saúl Rocha, «es un error de bulto».", "Saúl Rocha"),
        ("“La gente está cansada”. Lo dijo ayer en Madrid el escritor Luis Mora.", "Luis Mora"),
        ("El técnico, Diego Ferreira: “Hay que seguir”. Salió. “Hay que seguir así”, añadió.", "Diego Ferreira"),
    ],
)
def test_the_speaker_is_the_head_of_the_phrase(text: str, speaker: str, gazetteer: Gazetteer) -> None:
    assert quotes(text, gazetteer)[0].speaker == speaker


def test_a_name_of_the_gazetteer_goes_before_others_and_is_linked(gazetteer: Gazetteer) -> None:
    (quote,) = quotes("“Rusia no cederá”, dijo Vladimir Putin a la agencia Reuters.", gazetteer)
    assert (quote.speaker_name, quote.speaker_method, quote.speaker_countries) == ("Vladimir Putin", "named", ["RUS"])


def test_a_surname_is_that_of_who_spoke_before(gazetteer: Gazetteer) -> None:
    text = "«Vamos bien», dijo Unai Lasa. Lasa insistió: «Muy bien». «De verdad», remachó."
    assert [(q.speaker_name, q.speaker_method) for q in quotes(text, gazetteer)] == [
        ("Unai Lasa", "named"),
        ("Unai Lasa", "named"),
        ("Unai Lasa", "carried"),
    ]


def test_a_pronoun_is_whoever_spoke_last_if_the_given_name_fits(gazetteer: Gazetteer) -> None:
    text = "«Vamos bien», dijo Carmen Lasa. «Muy bien», contestó {}."
    assert quotes(text.format("ella"), gazetteer)[-1].speaker_name == "Carmen Lasa"
    assert quotes(text.format("él"), gazetteer)[-1].speaker_name is None


@pytest.mark.parametrize(
    "text",
    [
        "El ministro dijo que el buque «Punta Ballena» zarpará mañana.",
        "El narco detenido, alias «El Zurdo», según la policía, huyó.",
        "Bajo el lema «Ni un árbol menos», la marcha recorrió el centro. Unai Lasa dijo que volverá.",
        "En su libro «Mi vida en el campo», publicado en 2010, Unai Lasa cuenta que fue pastor.",
        "La pancarta decía: «No más muertes en el mar».",
        "Foto: “La vida es una tómbola”.",
        "Horario de la feria, según explicó Unai Lasa:\n— Sábado: de 10 a 20 horas.",
        "La denuncia de la «Casa Azul» llegó tarde.",
        "—Vuelvo mañana.\n—No tardes.",
    ],
)
def test_titles_aliases_mottos_and_lists_are_no_quotations(text: str, gazetteer: Gazetteer) -> None:
    assert quotes(text, gazetteer) == []
