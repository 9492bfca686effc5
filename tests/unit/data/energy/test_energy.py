"""Energy of calls and runs: by hand, the tier of each source, ranges that stay ranges, nothing unknown taken as zero."""

import itertools
import logging
import math
import socket
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from data.energy import DEVICES, Device, Grid, compute, device_of, energies, grid_of, worst_of
from data.energy.estimates import _ecologits, known
from data.models import ModelCard
from data.outcomes import outcome_table
from data.problems import ProblemError
from strategies.engines.fees import SAMPLES
from strategies.engines.loop import replay
from strategies.metrics.declared import measure
from strategies.protocol import Decision
from strategies.registry import find
from tests.worlds import sampled, scripted

NAN = float("nan")
KNOWN, OPEN, OWN = "gpt-4o-mini", "meta-llama/llama-3-8b-instruct", "my-model"
LAMP = Device(name="lamp", watts_low=36, watts=72, watts_high=108)  # 36 W for 10 s are a tenth of a watt-hour


def table(models=(KNOWN, OWN), **fields):
    """Return four queries: tokens, seconds and prices of each model, one cell of the second not run."""
    shape = (4, len(models))
    given = {"tokens_in": np.full(shape, 50.0), "tokens_out": np.full(shape, 100.0), "latency_s": np.full(shape, 10.0)} | fields
    given["latency_s"] = np.array(given["latency_s"])
    given["latency_s"][3, -1] = NAN
    return outcome_table(models, np.tile(np.eye(len(models))[0], (4, 1)), cost_usd=np.full(shape, 0.5), **given)


def asked(name, tokens, seconds):
    """What ecologits itself says: (low, high) kWh."""
    source = known(name).source.split(", ")[1]
    provider, _, listed = source.partition("/")
    value = _ecologits().impacts(provider, listed, tokens, seconds, "WOR").energy.value
    return value.min, value.max


@pytest.mark.parametrize("name", [KNOWN, OPEN, "gpt-4-1106-preview", "anthropic/claude-sonnet-4.5", "mistralai/Mixtral-8x7B-Instruct-v0.1"])
def test_the_law_is_what_ecologits_says_at_any_tokens_and_seconds(name):
    """Its energy is a straight line in tokens, and in seconds up to those it expects: four answers give all others."""
    law = known(name)
    for tokens, seconds in itertools.product([0, 1, 77, 50_000], [0.0, 0.3, 5.0, math.inf]):
        n, t = np.array([tokens], dtype=np.float64), np.array([seconds])
        ends = [float(end.kwh(n, t)[0]) for end in (law.low, law.high)]
        assert ends == pytest.approx(asked(name, tokens, seconds), rel=1e-6, abs=1e-15)
    apart = [float(law.high.kwh(np.array([k]), np.array([NAN]))[0]) for k in (100.0, 200.0, 300.0)]
    assert apart[2] - apart[1] == pytest.approx(apart[1] - apart[0], rel=1e-5)


def test_an_estimate_by_hand():
    """8 billion parameters on one GPU: its joules a token and a 1/512 of a 1.2 kW server, times the data centre's 1.09 to 1.14."""
    law, params = known(OPEN), 8.03
    token = (1.1665273170451914e-06 * math.exp(-0.011205921025579175 * 64) * params + 4.052928146734005e-05) / 1000
    seconds = 0.0006785088094353663 * params + 0.0003119310311688259 * 64 + 0.019473717579473387
    server = 1.2 / 3600 / 8 / 64
    for end, overhead in ((law.low, 1.09), (law.high, 1.14)):
        assert end.per_token == pytest.approx(token * overhead)
        assert end.per_second == pytest.approx(server * overhead)
        assert end.writing == pytest.approx(server * seconds * overhead)
    assert known(OPEN).parameters == (8.03e9, 8.03e9)


def test_every_source_has_its_tier():
    """Recorded is measured, known to ecologits estimated, watts x seconds assumed, the rest unknown: NaN, never zero."""
    names = (KNOWN, OWN, "other", "silent")
    recorded = np.full((4, 4), NAN, dtype=np.float32)
    recorded[:3, 2] = 2.0
    given = table(names).with_signal("energy_wh", recorded)
    found = energies(given, device={OWN: LAMP})
    assert found.tiers == ("estimated", "assumed", "measured", "unknown")
    low, mid, high = found.kwh
    assert (low[0, 1], mid[0, 1], high[0, 1]) == pytest.approx((1e-4, 2e-4, 3e-4))
    assert (low[:3, 2], mid[:3, 2], high[:3, 2]) == pytest.approx((0.002,) * 3)
    assert np.isnan([low[3, 2], high[3, 2]]).all()  # a hole in what was measured is not filled from elsewhere
    assert np.isnan(mid[:, 3]).all()
    assert 0 < low[0, 0] < mid[0, 0] < high[0, 0]
    assert mid[0, 0] == pytest.approx((low[0, 0] + high[0, 0]) / 2)
    assert "ecologits" in found.origins[0].source
    assert "not been released" in found.origins[0].note
    assert "lamp" in found.origins[1].source


def test_a_device_for_all_is_for_those_that_nobody_knows():
    """One device fills what is unknown; named for a model it is preferred to an estimate; without seconds nothing is assumed."""
    assert energies(table()).tiers == ("estimated", "unknown")
    assert energies(table(), device="cloud-core").tiers == ("estimated", "assumed")
    assert energies(table(), device={KNOWN: "laptop-cpu"}).tiers == ("assumed", "unknown")
    timeless = table(latency_s=np.full((4, 2), NAN))
    assert energies(timeless, device=LAMP).tiers == ("estimated", "unknown")
    tokenless = table(tokens_out=np.full((4, 2), NAN))
    assert energies(tokenless).tiers == ("unknown", "unknown")
    assert np.isnan(energies(table(), device=LAMP).kwh.mid[3, 1])  # the call that was not made


def test_a_shared_device_is_paid_in_parts():
    """Four queries at once: a quarter each; declared devices rise, and each says who says so and when."""
    whole, part = (energies(table(), device=each).kwh.high[0, 1] for each in (LAMP, replace(LAMP, at_once=4)))
    assert part == pytest.approx(whole / 4)
    for device in DEVICES.values():
        assert 0 < device.watts_low < device.watts < device.watts_high
        assert device.source
        assert device.date
        assert device.note
    assert device_of("gpu-h200").kwh_per_second()[2] == pytest.approx(700 / 3.6e6)


def test_co2_is_energy_times_the_grid():
    """A zone of ecologits, or a grid of one's own; nothing else moves."""
    own = Grid(zone="hydro", kg_co2e_per_kwh=0.02, source="a meter")
    world, hydro = energies(table(), device=LAMP), energies(table(), device=LAMP, zone=own)
    assert hydro.co2e_kg.high[0, 1] == pytest.approx(3e-4 * 0.02)
    assert world.grid.kg_co2e_per_kwh == pytest.approx(0.45829)
    assert "ecologits" in world.grid.source
    assert world.co2e_kg.low[0] == pytest.approx(world.kwh.low[0] * 0.45829)
    assert grid_of("FRA").kg_co2e_per_kwh < grid_of("POL").kg_co2e_per_kwh


def test_a_run_pays_for_every_call():
    """A cascade that goes on pays both models, a repeated call twice; a query's unknown part makes its sum unknown."""
    given = table()
    found = energies(given, device=LAMP)
    both = replay(scripted(Decision(stop=False, call=0), Decision(stop=False, call=1), Decision(stop=True, answer=1)), given)
    spent = found.of(both)
    assert spent.tier == "assumed"
    for total, each in zip(spent.kwh, found.kwh, strict=True):
        assert total[:3] == pytest.approx(each[:3].sum(axis=1))
        assert np.isnan(total[3])
    assert np.isnan(spent.mean().mid)
    twice = replay(scripted(Decision(stop=False, call=0), Decision(stop=False, call=0), Decision(stop=True, answer=0)), given)
    assert found.of(twice).kwh.mid == pytest.approx(2 * found.kwh.mid[:, 0])
    assert found.of(twice).tier == "estimated"
    assert found.of(twice).co2e_kg.mid == pytest.approx(2 * found.kwh.mid[:, 0] * 0.45829)


def test_what_is_paid_for_beside_calls_counts_as_calls():
    """Three draws are three calls; a check at half the price of a call is half a call; nobody knows what a judge elsewhere took."""
    given = sampled(table(), {0: np.zeros((4, 3), dtype=int)}, np.zeros(4, dtype=int))
    half = np.full((4, 2), 0.25, dtype=np.float32)
    given = given.with_signal("self_check", half).with_signal("cost_usd:self_check", half)
    given = given.with_feature("judge", np.ones((4, 1), np.float32)).with_feature("cost_usd:judge", np.ones((4, 1), np.float32))
    found = energies(given, device=LAMP)

    def run(look):
        return replay(scripted(Decision(stop=False, call=0), lambda view: (look(view), Decision(stop=True, answer=0))[1]), given)

    assert SAMPLES == "samples:"
    drawn, checked, judged = (
        found.of(run(look)) for look in (lambda v: v.samples(0, 3), lambda v: v.signal("self_check", 0), lambda v: v.feature("judge"))
    )
    assert drawn.kwh.high == pytest.approx(3 * found.kwh.high[:, 0])
    assert checked.kwh.high == pytest.approx(1.5 * found.kwh.high[:, 0])
    assert np.isnan(judged.kwh.high).all()
    assert (checked.tier, judged.tier) == ("estimated", "unknown")


def test_a_real_policy_and_another_table():
    """A baseline's run adds up; a run on other queries is refused."""
    given = table()
    found = energies(given, device=LAMP)
    run = replay(find("single")(model=KNOWN).fit(replace(given, role="fit")), given)
    assert found.of(run).kwh.low == pytest.approx(found.kwh.low[:, 0])
    with pytest.raises(ProblemError, match="the table that was replayed"):
        found.of(replay(run.policy, given.take(np.arange(2))))


def test_the_declared_metrics_take_what_was_worked_out():
    """One end of the range, measured on the run that the energies add up for themselves; without it nothing is known."""
    given = table((KNOWN, "gpt-4o"), latency_s=np.ones((4, 2)))
    found = energies(given)
    run = replay(scripted(Decision(stop=False, call=0), Decision(stop=True, answer=0)), given)
    assert measure("energy_per_1k", run, given, energy=found.kwh.high) == pytest.approx(1000 * found.of(run).mean().high)
    assert measure("co2e_per_1k", run, given, energy=found.kwh.low) == pytest.approx(1000 * found.of(run).co2e_kg.low.mean())
    assert np.isnan(measure("energy_per_1k", run, given))
    with pytest.raises(ProblemError, match="does not fit 4 queries and 2 models"):
        measure("energy_per_1k", run, given, energy=np.ones(5))


def test_memory_and_compute_of_the_cards():
    """1,000 parameters of which 200 work: 2,000 bytes and 400 FLOPs a token; of others what ecologits brackets, or nothing."""
    cards = (ModelCard(name=OWN, parameters=1000, active_parameters=200), ModelCard(name=KNOWN), ModelCard(name="tool"))
    found = compute(table((OWN, KNOWN, "tool"), cards=cards))
    assert found.tiers == ("measured", "estimated", "unknown")
    assert found.weights_bytes.mid[0] == 2000
    assert compute(found.table, bits=4).weights_bytes.low[0] == 500
    assert found.flops.mid[0, 0] == 2 * 200 * 150
    assert found.weights_bytes.low[1] < found.weights_bytes.high[1]
    assert np.isnan([found.weights_bytes.mid[2], found.flops.mid[0, 2]]).all()
    total = outcome_table([OWN], np.ones((1, 1)), tokens_total=np.array([[70.0]]), cards=cards[:1])
    assert compute(total).flops.high[0, 0] == 2 * 200 * 70
    assert cards[0].to_json() == {"name": OWN, "parameters": 1000, "active_parameters": 200, "tier": "unknown"}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: energies(table(), device="toaster"), "no device 'toaster'"),
        (lambda: energies(table(), device={"nobody": LAMP}), "no model 'nobody'"),
        (lambda: energies(table(), zone="XXX"), "no electricity mix"),
        (lambda: Device(name="x", watts_low=5, watts=3, watts_high=9), "do not rise"),
        (lambda: replace(LAMP, at_once=0.5), "shared by 0.5"),
        (lambda: Grid(zone="x", kg_co2e_per_kwh=NAN), "emits nan"),
        (lambda: compute(table(), bits=0), "0 bits"),
    ],
)
def test_what_cannot_be_is_refused(call, words):
    """Unknown names and impossible figures are refused with the way out."""
    with pytest.raises(ProblemError, match=words):
        call()


def test_names_mean_the_model_that_the_price_list_means():
    """A dated preview is the model of its date; what is not listed is unknown, as is a name without meaning."""
    assert known("gpt-4-1106-preview").source.endswith("openai/gpt-4-turbo")
    assert known("GPT-4o-mini").source.endswith("openai/gpt-4o-mini")
    for name in ("claude-3-haiku-20240307", "tool", "r1", "letters"):
        assert known(name) is None


def test_a_sum_is_as_good_as_its_worst_part():
    """Tiers in order, unknown where there is nothing."""
    assert worst_of(["measured", "assumed", "estimated"]) == "assumed"
    assert worst_of([]) == "unknown"


def test_nothing_is_fetched_and_nothing_is_printed(monkeypatch, capfd):
    """Models and grids come with the package: no connection is tried, no logger of the program changes, no warning is printed."""

    def refuse_to_connect(*args):
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse_to_connect)
    for cached in (_ecologits, known):
        cached.cache_clear()
    assert energies(table()).tiers[0] == "estimated"
    assert logging.getLoggerClass().__module__ == "logging"
    assert capfd.readouterr() == ("", "")


def test_ecologits_is_not_imported_before_it_is_asked():
    """Importing the package loads neither ecologits nor the price list."""
    code = "import sys, data.energy; print([name for name in sys.modules if name.startswith(('ecologits', 'genai_prices'))])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
