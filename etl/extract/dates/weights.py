"""The weights of a day's features, in log-odds that it is the day of publication.

They were fitted by `python -m benchmarks.dates --fit` on the 800 labelled pages of the htmldate project (Apache-2.0,
github.com/adbar/htmldate), with a penalty for departing from the prior weights in that program.

Most features are kinds of evidence: the method and, after a colon, a qualifier. For dates in the text the qualifier is
how the text is marked, and where it is: `near` (0 to 4 lines below a headline), `close` (5 to 20 lines below), `above`
(1 to 8 lines above) or `far` (elsewhere). The others are:

    methods:2, methods:3               at least two or three methods name the day
    drift                              a declared time is on another day in UTC, but perhaps on this day in local time
    later                              another day, at least two days earlier, is declared
    swapped                            some evidence names the day only if its day and month are exchanged
    url:year, url:month                the URL names the day's year, or its year and month
    url:year-not, url:month-not        the URL names another year or month
    :declared, :text, :alone           suffixes for a day that htmldate found or that the page gives as its
                                       modification day; they say what else supports the day: a declaration on the page,
                                       only the page's text, or nothing
"""

WEIGHTS: dict[str, float] = {
    "text:first": 2.4,
    "url": 2.4,
    "htmldate:text": 2.3,
    "meta": 2.2,
    "json-ld": 2.0,
    "text:aside-near": 2.0,
    "text:published-near": 1.8,
    "microdata": 1.7,
    "time:published": 1.6,
    "feed": 1.5,
    "text:marked-near": 1.2,
    "text:plain-above": 1.1,
    "time": 1.0,
    "htmldate:declared": 0.9,
    "text:linked-near": 0.8,
    "htmldate:guess:alone": 0.7,
    "htmldate:guess:text": 0.7,
    "modified:declared": 0.7,
    "text:aside-above": 0.7,
    "text:aside-close": 0.7,
    "text:linked-above": 0.7,
    "text:marked-above": 0.7,
    "drift": 0.6,
    "methods:3": 0.6,
    "text:prose-close": 0.6,
    "text:published-close": 0.6,
    "meta:loose": 0.5,
    "text:plain-near": 0.5,
    "url:year": 0.5,
    "methods:2": 0.4,
    "script": 0.4,
    "text:linked-close": 0.4,
    "text:prose-near": 0.4,
    "modified:text": 0.3,
    "text:plain-far": 0.3,
    "url:month": 0.3,
    "text:marked-close": 0.2,
    "json-ld:created": 0.1,
    "text:published-far": 0.1,
    "json-ld:other": -0.1,
    "text:linked-far": -0.1,
    "text:prose-far": -0.1,
    "text:published-above": -0.1,
    "htmldate:alone": -0.2,
    "text:plain-close": -0.2,
    "url:month-not": -0.3,
    "microdata:other": -0.4,
    "url:year-not": -0.5,
    "swapped": -0.6,
    "time:other": -0.6,
    "text:marked-far": -0.8,
    "text:aside-far": -0.9,
    "later": -1.4,
}
