"""What a report counts: each wait of a customer once, and whose it was."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from helpdesk.decide.reporting import Counting, report, speed
from helpdesk.model.people import Person
from helpdesk.model.report import Answers, Beside, Speed, Step
from helpdesk.model.ticket import Status

BEGIN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
JAKARTA = ZoneInfo("Asia/Jakarta")
BART, CATE = "bart@staff.example", "cate@staff.example"
HOUR = timedelta(hours=1)


def step(hour, event, by="anne@customer.example", before=Status.OPEN, after=Status.OPEN, **more):
    facts = {
        "ticket": 1,
        "created_at": BEGIN,
        "first_response_at": BEGIN + 5 * HOUR,
        "operator": BART,
        "score": None,
    }
    return Step(at=BEGIN + hour * HOUR, event=event, by=by, before=before, after=after, **{**facts, **more})


def counted(*steps, late=()):
    counting = Counting(late, JAKARTA)
    for one in steps:
        counting.add(one)
    return counting


def created(hour=0, **more):
    return step(hour, "created", before=None, **more)


def answered(hour, by=BART, before=Status.OPEN, **more):
    return step(hour, "answered", by, before, Status.PENDING, **more)


def wrote(hour):
    return step(hour, "customer_wrote", before=Status.PENDING)


def breached(hour, holder=BART, **more):
    return step(hour, "breached", "clock", late=holder, **more)


def test_an_answer_in_time_keeps_the_promise_once():
    found = counted(created(), answered(5), answered(6, before=Status.PENDING))

    assert (found.first.due, found.following.due) == (Answers(1, 0), Answers())
    assert found.by_operator[BART].answers == 2
    assert found.whole.waits == [5 * HOUR]


def test_a_wait_that_was_too_long_is_late_once_and_its_answer_is_not_in_time():
    found = counted(
        created(),
        breached(24, BART, first_response_at=None),
        breached(48, CATE, first_response_at=None),
        answered(50, CATE, first_response_at=BEGIN + 50 * HOUR),
    )

    assert found.first.due == Answers(0, 1)
    assert found.by_operator[BART].due == Answers(0, 1)
    assert found.by_operator[CATE].due == Answers()


def test_the_next_wait_counts_anew():
    found = counted(created(), answered(5), wrote(6), breached(30), answered(31), wrote(32), answered(33))

    assert (found.first.due, found.following.due) == (Answers(1, 0), Answers(1, 1))


def test_what_was_late_before_the_span_is_not_counted_in_it():
    found = counted(breached(1), answered(2), wrote(3), answered(4), late={1})

    assert (found.first.in_time, found.first.late) == (1, 0)


def test_closing_is_an_answer_too_and_the_clock_closes_for_nobody():
    found = counted(
        created(), step(5, "solved", BART, after=Status.SOLVED), step(9, "solved", "clock", Status.PENDING)
    )

    assert found.first.due == Answers(1, 0)
    assert (found.whole.closed, found.auto_closed) == (1, 1)


def test_only_the_last_vote_of_a_ticket_counts():
    votes = counted(step(1, "rated", score=4), step(2, "rated", score=4)).votes()

    assert (votes.count, votes.mean) == (1, 4.0)


def test_days_are_those_of_the_desk_and_none_is_left_out():
    late_evening = created(15.5)  # 00:30 of the next day in Jakarta
    whole = report(BEGIN - 2 * HOUR, BEGIN + 40 * HOUR, counted(late_evening), Beside(), (), JAKARTA)

    assert [(day.day.day, day.created) for day in whole.days] == [(2, 0), (3, 1), (4, 0)]


def test_operators_stand_in_the_order_of_the_configuration_then_those_who_left():
    found = counted(created(), answered(5, "gone@staff.example"))
    people = (Person("Cate", CATE), Person("Bart", BART))
    whole = report(BEGIN, BEGIN + HOUR, found, Beside(turns={BART: 3}), people, JAKARTA)

    assert [x.address for x in whole.operators] == [CATE, BART, "gone@staff.example"]
    assert [x.taken for x in whole.operators] == [0, 3, 0]


def test_median_and_ninth_of_ten_are_waits_that_were():
    assert speed([]) == Speed()
    assert speed([n * HOUR for n in range(1, 11)]) == Speed(10, 5 * HOUR, 9 * HOUR)
    assert speed([HOUR]) == Speed(1, HOUR, HOUR)


def test_all_but_one_is_not_a_hundred_per_cent():
    assert Answers(999, 1).kept == 99
    assert Answers(1, 0).kept == 100
    assert Answers().kept is None
