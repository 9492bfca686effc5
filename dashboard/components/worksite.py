"""Where heavy work runs: this computer or a Ray cluster, said in a line, checked and changed in a popover."""

from __future__ import annotations

import os

import streamlit as st

from dashboard import jobs, state
from dashboard.charts.figures import plain
from dashboard.components import waiting
from dashboard.words import worksite as words
from data.problems import ProblemError
from strategies.work.choose import CLUSTER_VARIABLE, address_fixed, address_set, workers_set
from strategies.work.cluster import Cluster, Seen
from strategies.work.kept import MOST_WORKERS, Chosen, Worksite, choose, chosen
from strategies.work.processes import usual_workers

PREFIX = "worksite."
ROUND, ASKED = "worksite.round", "worksite.asked"
KEPT = 8  # answers of addresses
_WIDTH = 480  # whatever is said in it, the buttons stay where they are


def place() -> str:
    """Return where heavy work runs, in words."""
    address, workers = address_set(), workers_set()
    if address:
        return words.THERE_AUTO if address == "auto" else words.THERE.format(address=address)
    return words.HERE_ONE if workers == 1 else words.HERE.format(n=workers)


def counted(one_and_many: tuple[str, str], n: int) -> str:
    """Return a number with what is counted."""
    return one_and_many[n != 1].format(n=n)


def underway(nodes: int, again: int) -> str:
    """Return where running work is and what was begun anew, to stand behind what is done; nothing on this computer. nodes : 0 = here."""
    where = words.ON.format(nodes=counted(words.NODES, nodes)) if nodes else ""
    return where + (words.AGAIN.format(n=again) if again else "")


def ran(nodes: int, again: int) -> str:
    """Return where work was done and what was begun anew, as a sentence; nothing for this computer."""
    if not nodes:
        return ""
    lost = (words.RAN_AGAIN_ONE if again == 1 else words.RAN_AGAIN.format(n=again)) if again else ""
    return words.RAN.format(nodes=counted(words.NODES, nodes)) + lost


@st.fragment
def popover() -> None:
    """Draw the line; a press shows what it rests on and how to change it."""
    this = state.get(ROUND, 0)  # another key closes the popover, and its fields begin with what is kept then
    label = f":gray[:material/dns: {plain(words.WHERE.format(place=place()))}]"
    with st.popover(label, type="tertiary", key=f"{PREFIX}popover.{this}", wrap=True):
        _inside(chosen(), address_fixed(), this)


def _inside(found: Chosen, fixed: str, this: int) -> None:
    top = st.container(width=_WIDTH)
    if found.note:
        st.warning(plain(found.note), icon=":material/error:")
    if fixed:
        st.markdown(f":blue[:material/lock:] {plain(words.FIXED.format(name=CLUSTER_VARIABLE))}")
    with st.form(f"{PREFIX}form.{this}", border=False, width=_WIDTH):
        address = st.text_input(
            words.ADDRESS, fixed or found.site.address, key=f"{PREFIX}address.{this}", max_chars=200, placeholder=words.ADDRESS_EMPTY,
            help=words.ADDRESS_HELP, disabled=bool(fixed),
        )  # fmt: skip
        workers = st.number_input(
            words.WORKERS, 0, MOST_WORKERS, found.site.workers, 1, key=f"{PREFIX}workers.{this}",
            help=words.WORKERS_HELP.format(n=usual_workers()), disabled=bool(fixed),
        )  # fmt: skip
        with st.container(horizontal=True):
            check = st.form_submit_button(words.CHECK, key=f"{PREFIX}check", icon=":material/network_check:")
            use = st.form_submit_button(words.USE, key=f"{PREFIX}use", type="primary", icon=":material/check:", disabled=bool(fixed))
    there = fixed or (address or "").strip()
    if check:
        _ask(there)
    if use:
        _use(there, int(workers or 0))
    with top:  # in sight on a phone too
        _answer(int(workers or 0))
    if found.site.address and not fixed and st.button(words.BACK, key=f"{PREFIX}back", type="tertiary", icon=":material/undo:"):
        _use("", found.site.workers)


def _use(address: str, workers: int) -> None:
    """Keep a place; what can't be one, or kept, is said."""
    try:
        choose(Worksite(address=address, workers=workers))
    except (ProblemError, OSError) as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    state.forget(ASKED)
    state.put(ROUND, state.get(ROUND, 0) + 1)
    st.rerun()  # the page says it too


def _ask(address: str) -> None:
    """Ask an address anew what it has."""
    state.put(ASKED, address)
    before = jobs.ALL.get(PREFIX + address)
    if before is not None and before.phase != "running":
        jobs.ALL.drop(before.key)
    if address:
        jobs.ALL.trim(PREFIX, KEPT)
        jobs.ALL.start(PREFIX + address, words.TITLE_JOB, lambda _: Cluster(address).seen())


def _answer(workers: int) -> None:
    """Draw what the address that was asked last said, or that it is being asked; before that what this is about."""
    address = state.get(ASKED)
    if address is None:
        st.caption(words.INTRO)
        return
    if not address:
        cpus = counted(words.CPUS, os.cpu_count() or 1)
        st.success(words.SEEN_HERE.format(cpus=cpus, n=workers or usual_workers()), icon=":material/computer:")
        return
    job = jobs.ALL.get(PREFIX + address)
    if job is None or not waiting.ended(job, words.CHECKING.format(address=plain(address)), stop=False):
        return
    if not isinstance(job.result, Seen):
        st.error(plain(job.error[:1].upper() + job.error[1:]), icon=":material/cloud_off:")
        return
    nodes, cpus = counted(words.NODES, job.result.nodes), counted(words.CPUS, job.result.cpus)
    st.success(plain(words.SEEN.format(address=address, nodes=nodes, cpus=cpus)), icon=":material/hub:")
