"""The ladder through real clients of the `openai` package: no port, answers as OpenAI's API has them."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import openai
import pytest

from data.ladder import threads
from data.ladder.endpoint import BASE_URL
from data.ladder.transport import LadderTransport
from tests.fake_ladder import PLAIN, THINKER, FakeModel, shelf

ASKED = [{"role": "user", "content": "What is 82 plus 42?"}]


def models(**changes):
    """Return one model that thinks and one that does not."""
    return {THINKER: FakeModel(can_think=True, **changes), PLAIN: FakeModel(**changes)}


def client(transport, **options):
    """Return a plain client at a transport."""
    http = openai.DefaultHttpxClient(transport=transport)
    return openai.OpenAI(api_key="none", base_url=BASE_URL, max_retries=0, http_client=http, **options)


def async_client(transport, **options):
    """Return an asynchronous client at a transport."""
    http = openai.DefaultAsyncHttpxClient(transport=transport)
    return openai.AsyncOpenAI(api_key="none", base_url=BASE_URL, max_retries=0, http_client=http, **options)


async def under_way(model):
    """Wait until a model works on a batch."""
    for _ in range(2000):
        if model.batches:
            return
        await asyncio.sleep(0.001)
    raise AssertionError("no batch was started")


def said(text, **body):
    """Return what a fake model answers to one prompt."""
    body = {"model": PLAIN, "temperature": 0, "messages": [{"role": "user", "content": text}], **body}
    with client(shelf(**models())) as asked:
        return asked.chat.completions.create(**body)


def test_an_answer_has_text_usage_and_why_it_ended():
    """The last user message is answered; every generated token is counted, the end among them."""
    messages = [
        {"role": "system", "content": "think"},
        {"role": "user", "content": "say one"},
        {"role": "assistant", "content": "one"},
        {"role": "user", "content": [{"type": "text", "text": "say two"}]},
    ]
    answer = said("", messages=messages)
    assert (answer.choices[0].message.content, answer.choices[0].finish_reason, answer.model) == ("two", "stop", PLAIN)
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (3, 4, 7)
    assert answer.usage.completion_tokens_details.reasoning_tokens == 0
    assert not hasattr(answer.choices[0].message, "reasoning_content")
    assert answer.choices[0].logprobs is None


@pytest.mark.parametrize(
    ("model", "effort", "working"),
    [(THINKER, None, "so it"), (THINKER, "low", "so it"), (THINKER, "none", None), (PLAIN, "high", None), (PLAIN, None, None)],
)
def test_effort_asks_for_working_or_not(model, effort, working):
    """Asked with "none" a model gives the answer alone, with any other word its working where it can; absent, its own way holds."""
    answer = said("say ab", model=model, **({} if effort is None else {"reasoning_effort": effort}))
    assert answer.choices[0].message.content == "ab"
    assert getattr(answer.choices[0].message, "reasoning_content", None) == working
    assert answer.usage.completion_tokens_details.reasoning_tokens == (3 if working else 0)
    assert answer.usage.completion_tokens == (6 if working else 3)


def test_log_probs_cover_every_generated_token():
    """Working, mark, answer and end stand in order, each with its bytes and as many alternatives as were asked for."""
    choice = said("say é", model=THINKER, logprobs=True, top_logprobs=3).choices[0]
    tokens = choice.logprobs.content
    assert [token.token for token in tokens] == [" so", " it", "<so>", " é", "<end>"]
    assert [token.logprob for token in tokens] == [-0.125, -0.25, -0.375, -0.5, -0.625]
    assert tokens[3].bytes == [32, 0xC3, 0xA9]
    assert [other.logprob for other in tokens[0].top_logprobs] == [-0.125, -1.125, -2.125]
    assert said("say é", logprobs=True).choices[0].logprobs.content[0].top_logprobs == []


def test_samples_have_seeds_one_after_the_other():
    """Several answers come from seed, seed + 1 ...; all their tokens are billed, the prompt once."""
    answer = said("say a", temperature=1, seed=7, n=3)
    assert [choice.message.content for choice in answer.choices] == ["a7", "a8", "a9"]
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (3, 9)


def test_without_a_seed_samples_differ_from_call_to_call():
    """A temperature above 0 without a seed draws a fresh one each time."""
    assert len({said("say a", temperature=1).choices[0].message.content for _ in range(5)}) > 1


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_an_answer_ends_at_its_longest(name):
    """What is longer than asked for is cut, and says so."""
    choice = said("say abcdef", **{name: 3}).choices[0]
    assert (choice.message.content, choice.finish_reason) == ("abc", "length")


@pytest.mark.parametrize(
    ("body", "param", "words"),
    [
        ({"stop": "\n"}, "stop", "'stop' is not supported"),
        ({"top_p": 0.5}, "top_p", "'top_p' is not supported"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools", "'tools' is not supported"),
        ({"extra_body": {"colour": 1}}, "colour", "Unknown parameter: 'colour'"),
        ({"temperature": 3}, "temperature", "3 is not between 0 and 2"),
        ({"temperature": "hot"}, "temperature", "expected a number"),
        ({"n": 0}, "n", "0 is not between 1 and 128"),
        ({"n": True}, "n", "expected an integer"),
        ({"max_tokens": 0}, "max_tokens", "0 is not at least 1"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "21 is not between 0 and 20"),
        ({"top_logprobs": 2}, "top_logprobs", "'logprobs' has to be true"),
        ({"stream_options": {"include_usage": True}}, "stream_options", "only allowed when 'stream'"),
        ({"reasoning_effort": 3}, "reasoning_effort", "expected a string"),
        ({"messages": []}, "messages", "at least one message"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages", "nothing to answer"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}, "messages", "has to be text"),
        ({"messages": [{"role": "user", "content": "word " * 600}]}, "messages", "maximum context length is 512"),
    ],
)
def test_what_cannot_be_done_is_refused_in_openais_shape(body, param, words):
    """A bad request is a 400 that names the field and says what is wrong."""
    with pytest.raises(openai.BadRequestError, match=words) as caught:
        said("say a", **body)
    assert (caught.value.param, caught.value.type) == (param, "invalid_request_error")


def test_fields_that_ask_for_nothing_are_taken():
    """What clients send by habit, or with the value that changes nothing, is no error."""
    answer = said("say a", user="me", top_p=1, presence_penalty=0, stop=None, tools=[], response_format={"type": "text"})
    assert answer.choices[0].message.content == "a"


def test_unknown_models_and_addresses_are_404():
    """The error names the models there are; other addresses name the two."""
    with pytest.raises(openai.NotFoundError, match=r"'gpt-9' does not exist\. There are: thinker, plain") as caught:
        said("say a", model="gpt-9")
    assert caught.value.code == "model_not_found"
    with client(shelf(**models())) as asked:
        assert [each.id for each in asked.models.list()] == [THINKER, PLAIN]
        assert asked.models.retrieve(PLAIN).owned_by == "routescope"
        with pytest.raises(openai.NotFoundError, match="does not exist"):
            asked.models.retrieve("gpt-9")
        with pytest.raises(openai.NotFoundError, match="/v1/chat/completions"):
            asked.embeddings.create(model=PLAIN, input="x")
        with pytest.raises(openai.APIStatusError, match="use GET") as wrong:
            asked.post("/models", cast_to=object)
    assert wrong.value.status_code == 405


def test_a_broken_body_is_refused():
    """A body that is no JSON object is a 400."""
    with client(shelf(**models())) as asked:
        for raw in (b"{", b"[]"):
            assert asked._client.post(f"{BASE_URL}/chat/completions", content=raw).status_code == 400


def test_a_mistake_of_a_model_is_a_500():
    """An exception in a model is an error of the server with its name, plain, asynchronous and streamed."""

    async def go():
        async with async_client(shelf(**models())) as asked:
            await asked.chat.completions.create(model=PLAIN, messages=[{"role": "user", "content": "boom"}])

    with pytest.raises(openai.InternalServerError, match="RuntimeError: the model broke"):
        said("boom")
    with pytest.raises(openai.InternalServerError, match="RuntimeError: the model broke"):
        asyncio.run(go())
    with pytest.raises(openai.APIError, match="RuntimeError: the model broke"):
        list(said("boom", stream=True))


# --- streams ---------------------------------------------------------------------------------------------------------


def put_together(chunks):
    """Return (working, answer, reason, tokens) of the first sample of a stream."""
    mine = [choice for chunk in chunks for choice in chunk.choices if choice.index == 0]
    working = "".join(getattr(choice.delta, "reasoning_content", None) or "" for choice in mine)
    answer = "".join(choice.delta.content or "" for choice in mine)
    tokens = [token.token for choice in mine if choice.logprobs for token in choice.logprobs.content]
    return working, answer, mine[-1].finish_reason, tokens


def test_a_stream_is_the_plain_answer_in_pieces():
    """Working, answer, tokens and usage of a stream are those of a plain answer."""
    with client(shelf(**models())) as asked:
        body = {"model": THINKER, "messages": ASKED, "temperature": 0, "logprobs": True}
        plain = asked.chat.completions.create(**body)
        chunks = list(asked.chat.completions.create(**body, stream=True, stream_options={"include_usage": True}))
    choice = plain.choices[0]
    expected = (choice.message.reasoning_content, choice.message.content, "stop", [token.token for token in choice.logprobs.content])
    assert put_together(chunks) == expected
    assert chunks[0].choices[0].delta.role == "assistant"
    assert chunks[-1].usage == plain.usage
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert len({chunk.id for chunk in chunks}) == 1


def test_a_stream_of_samples_tells_them_apart():
    """Samples come one after the other with their index; without the option no usage is sent."""
    with client(shelf(**models())) as asked:
        body = {"model": PLAIN, "messages": ASKED, "temperature": 1, "seed": 3, "n": 2, "max_tokens": 4}
        chunks = list(asked.chat.completions.create(**body, stream=True))
    texts = ["", ""]
    for chunk in chunks:
        texts[chunk.choices[0].index] += chunk.choices[0].delta.content or ""
    assert texts == ["42?3", "42?4"]
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices[0].finish_reason] == ["length", "length"]
    assert all(chunk.usage is None for chunk in chunks)


def test_a_stream_left_early_ends():
    """Whoever stops reading leaves no task behind, and the loop was free in between."""

    async def go():
        turns = 0

        async def tick():
            nonlocal turns
            while True:
                await asyncio.sleep(0.001)
                turns += 1

        ticking = asyncio.create_task(tick())
        async with async_client(shelf(**models(delay_s=0.02))) as asked:
            stream = await asked.chat.completions.create(model=THINKER, messages=ASKED, stream=True)
            async for chunk in stream:
                if getattr(chunk.choices[0].delta, "reasoning_content", None):
                    break
            await stream.close()
        ticking.cancel()
        return turns, len(asyncio.all_tasks()) - 1

    turns, left = asyncio.run(go())
    assert turns >= 3
    assert left <= 1  # the ticking one, on its way out


# --- batches ---------------------------------------------------------------------------------------------------------


async def gathered(transport, texts, **body):
    """Return what all prompts get when they are asked at once."""
    async with async_client(transport) as asked:

        async def one(text):
            messages = [{"role": "user", "content": text}]
            return await asked.chat.completions.create(**{"model": PLAIN, "temperature": 0, "messages": messages, **body})

        return await asyncio.gather(*(one(text) for text in texts), return_exceptions=True)


def test_requests_at_once_are_one_batch():
    """Ten requests that come together are answered by one or two batches, and each gets its own answer; 64 rows are the most."""
    made = models(delay_s=0.005)
    answers = asyncio.run(gathered(shelf(**made), [f"say {i}" for i in range(100)], n=2))
    assert [answer.choices[1].message.content for answer in answers] == [str(i) for i in range(100)]
    batches = made[PLAIN].batches
    assert sum(batches) == 200
    assert len(batches) <= 8
    assert max(batches) <= 64
    assert made[PLAIN].most_at_once == 1


def test_other_settings_are_another_batch():
    """Requests of another model, length or temperature are not mixed."""

    async def go(transport):
        async with async_client(transport) as asked:
            bodies = [{"model": m, "max_tokens": t} for m in (PLAIN, THINKER) for t in (8, 9)]
            return await asyncio.gather(*(asked.chat.completions.create(messages=ASKED, **body) for body in bodies for _ in range(4)))

    made = models(delay_s=0.01)
    assert len(asyncio.run(go(shelf(**made)))) == 16
    assert max(made[PLAIN].batches + made[THINKER].batches) <= 4
    assert sum(made[PLAIN].batches) == sum(made[THINKER].batches) == 8


def test_one_long_prompt_does_not_spoil_its_batch():
    """What is wrong with one request is said to that one alone."""
    good, bad, other = asyncio.run(gathered(shelf(**models(delay_s=0.005)), ["say a", "word " * 600, "say b"]))
    assert isinstance(bad, openai.BadRequestError)
    assert [each.choices[0].message.content for each in (good, other)] == ["a", "b"]


def test_a_cancelled_request_is_not_worked_on():
    """A request that waits for the batch under way is dropped when its caller gives up; the others are answered."""

    async def go(transport):
        async with async_client(transport) as asked:

            def one(text):
                messages = [{"role": "user", "content": text}]
                return asyncio.create_task(asked.chat.completions.create(model=PLAIN, temperature=0, messages=messages))

            first = one("say first")
            await under_way(made[PLAIN])
            gone, stays = one("say gone"), one("say stays")
            await asyncio.sleep(0.01)
            gone.cancel()
            answers = await asyncio.gather(first, gone, stays, return_exceptions=True)
        return answers, [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    made = models(delay_s=0.1)
    (first, gone, stays), left = asyncio.run(go(shelf(**made)))
    assert (first.choices[0].message.content, stays.choices[0].message.content) == ("first", "stays")
    assert isinstance(gone, asyncio.CancelledError)
    assert made[PLAIN].batches == [1, 1]
    assert not left


def test_closing_waits_for_the_batch_under_way_only():
    """Closing the client drops what waits, and leaves no task."""

    async def go(transport):
        asked = async_client(transport)
        tasks = [asyncio.create_task(asked.chat.completions.create(model=PLAIN, messages=ASKED)) for _ in range(3)]
        await under_way(made[PLAIN])
        late = asyncio.create_task(asked.chat.completions.create(model=PLAIN, messages=ASKED))
        await asyncio.sleep(0.01)
        await asked.close()
        return await asyncio.gather(*tasks, late, return_exceptions=True)

    made = models(delay_s=0.1)
    *early, late = asyncio.run(go(shelf(**made)))
    assert all(answer.choices[0].message.content for answer in early)
    assert isinstance(late, asyncio.CancelledError)
    assert made[PLAIN].batches == [3]


def test_the_clients_own_time_is_kept():
    """A client that waits less long than an answer takes gets a timeout."""

    async def go():
        async with async_client(shelf(**models(delay_s=0.3))) as asked:
            await asked.chat.completions.create(model=PLAIN, messages=ASKED, timeout=0.05)

    with pytest.raises(openai.APITimeoutError):
        asyncio.run(go())


def test_the_loop_is_free_while_a_model_works():
    """Other tasks go on, and after the loop has ended no thread is left."""

    async def go():
        async with async_client(shelf(**models(delay_s=0.2))) as asked:
            task = asyncio.create_task(asked.chat.completions.create(model=PLAIN, messages=ASKED))
            turns = 0
            while not task.done():
                await asyncio.sleep(0.005)
                turns += 1
        return turns

    before = set(threading.enumerate())
    assert asyncio.run(go()) >= 5
    assert set(threading.enumerate()) <= before


def test_plain_clients_in_threads_share_batches():
    """While one thread's request is worked on, those of other threads gather; all get their own answers."""
    made = models(delay_s=0.05)
    with client(shelf(**made)) as asked, ThreadPoolExecutor(8) as pool:

        def one(i):
            messages = [{"role": "user", "content": f"say {i}"}]
            return asked.chat.completions.create(model=PLAIN, temperature=0, messages=messages).choices[0].message.content

        assert list(pool.map(one, range(16))) == [str(i) for i in range(16)]
    assert sum(made[PLAIN].batches) == 16
    assert len(made[PLAIN].batches) < 16
    assert made[PLAIN].most_at_once == 1


# --- the shipped weights ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("temperature", [0.0, 0.7])
def test_texts_do_not_depend_on_the_batch(temperature):
    """The shipped R1 says the same at once as one after the other, greedy or drawn with a seed; log-probs agree to 1e-4."""
    texts = [f"What is {n} plus {3 * n}?" for n in range(11, 41)] + [f'Reverse "{w}".' for w in ("abc", "planet", "qwertz")]
    body = {"model": "r1", "temperature": temperature, "seed": 5, "logprobs": True}
    at_once = asyncio.run(gathered(LadderTransport(), texts, **body))
    with client(LadderTransport()) as asked:
        alone = [asked.chat.completions.create(messages=[{"role": "user", "content": text}], **body) for text in texts]
    assert [a.choices[0].message.content for a in at_once] == [b.choices[0].message.content for b in alone]
    for one, other in zip(at_once, alone, strict=True):
        mine, its = ([token.logprob for token in each.choices[0].logprobs.content] for each in (one, other))
        assert mine == pytest.approx(its, abs=1e-4)


def test_a_stream_of_the_shipped_model_is_its_plain_answer():
    """Digits that come lowest first are put right in a stream too."""
    with client(LadderTransport()) as asked:
        for text in ("What is 82 plus 42?", "Put 8, 5, 12 in ascending order.", 'Write "noto" in capital letters.'):
            body = {"model": "r1", "messages": [{"role": "user", "content": text}], "temperature": 0}
            plain = asked.chat.completions.create(**body).choices[0]
            assert put_together(list(asked.chat.completions.create(**body, stream=True)))[:3] == ("", plain.message.content, "stop")


def blas_threads():
    """Return how many threads matrix products may use now."""
    from threadpoolctl import threadpool_info

    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_overlapping_uses_give_the_threads_back():
    """The limit on NumPy's threads holds until the last of two overlapping uses ends, though they are in different threads."""
    before, first, second = blas_threads(), threads.one_thread(), threads.one_thread()
    first.__enter__()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(second.__enter__).result()
        first.__exit__(None, None, None)
        assert blas_threads() == {1}
        pool.submit(second.__exit__, None, None, None).result()
    assert blas_threads() == before


def test_the_limit_holds_in_every_thread():
    """Whoever set the limit first, it holds in another thread too."""
    before = blas_threads()
    with threads.one_thread():
        assert blas_threads() == {1}

    def inside():
        with threads.one_thread():
            return blas_threads()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(inside).result() == {1}
    assert blas_threads() == before
