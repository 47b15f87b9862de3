# SPDX-License-Identifier: GPL-2.0-or-later
"""Results of bench/failover as summary and text. Pure: data in, data or text out."""

import statistics

CLUSTERS = ("haops", "stock")
NAMES = {"haops": "haops", "stock": "stock agent", "keepalived-1s": "keepalived, adverts every 1 s",
         "keepalived-100ms": "keepalived, adverts every 100 ms"}
STAGES = {"detection": "detection", "fencing": "fencing", "transition": "transition",
          "agent": "agent", "first_answer": "first answer"}


def spread(values):
    """Median and worst."""
    return {"median": statistics.median(values), "worst": max(values)}


def summarise(runs):
    """{contestant: figures} of all runs, in seconds; runs that failed are counted only."""
    summary = {}
    for name in NAMES:
        mine = [run for run in runs if run["contestant"] == name]
        good = [run for run in mine if "error" not in run]
        summary[name] = {"runs": len(mine), "failed_runs": len(mine) - len(good)}
        if good:
            summary[name]["outage"] = spread([run["outage"] for run in good])
        if good and name in CLUSTERS:
            summary[name] |= cluster_figures(good)
    return summary | {"ratios": ratios(summary)}


def cluster_figures(good):
    """What only the clusters have. The share of a stage is its part of all runs' time together."""
    whole = sum(sum(run["stages"].values()) for run in good)
    straight = [run["outage"] for run in good if not run["paused"]]
    return {
        "starts_by_log": sum(run["start_seen_by"] == "log" for run in good),
        "paused_runs": len(good) - len(straight),
        **({"outage_without_pause": spread(straight)} if straight else {}),
        "stages": {stage: spread([run["stages"][stage] for run in good]) for stage in STAGES},
        "shares": {stage: sum(run["stages"][stage] for run in good) / whole for stage in STAGES},
        "agent_to_announcement": spread([run["agent_to_announcement"] for run in good]),
        "executor_to_announcement": spread([run["executor_to_announcement"] for run in good]),
        "agent_execution": spread([run["agent_execution"] for run in good])}


def ratios(summary):
    """Ours per stock, of all figures that both have."""
    ours, stock = (summary[name] for name in CLUSTERS)
    return {f"{key}, {which}": ours[key][which] / stock[key][which]
            for key in ("outage", "outage_without_pause", "agent_to_announcement")
            for which in ("median", "worst") if key in ours and key in stock}


def table(head, rows):
    """Aligned columns; the first to the left."""
    lines = [head, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for line in lines:
        yield "  ".join(text.rjust(width) if i else text.ljust(width)
                        for i, (text, width) in enumerate(zip(line, widths))).rstrip()


def seconds(figures, key):
    """Median and worst as text; dashes if there are none."""
    return [f"{figures[key][which]:.3f}" if key in figures else "-" for which in ("median", "worst")]


def outages(summary):
    """The table of what the client saw."""
    yield "Client without answer after a power cut, seconds"
    yield from table(["", "median", "worst", "runs", "failed", "without the pause: runs", "median", "worst"], [
        [NAMES[name], *seconds(figures, "outage"), str(figures["runs"]), str(figures["failed_runs"]),
         str(figures["runs"] - figures["failed_runs"] - figures.get("paused_runs", 0)),
         *seconds(figures, "outage_without_pause" if name in CLUSTERS else "outage")]
        for name, figures in summary.items() if name in NAMES])
    yield "(the pause: a second that Pacemaker's controller sleeps, or not, by a race of its own)"


def parts(clusters):
    """The tables of where the time goes."""
    yield "Where the clusters' time goes: median in ms (share of all)"
    yield from table(["", *STAGES.values()], [
        [NAMES[name], *[f"{figures['stages'][stage]['median'] * 1000:.1f} ({figures['shares'][stage]:.1%})"
                        for stage in STAGES]] for name, figures in clusters.items()])
    yield ""
    yield "From the agent's process to its announcement on the wire, ms"
    yield from table(["", "median", "worst", "from the executor's line: median", "worst"], [
        [NAMES[name], *[f"{figures[key][which] * 1000:.1f}"
                        for key in ("agent_to_announcement", "executor_to_announcement")
                        for which in ("median", "worst")]] for name, figures in clusters.items()])
    by_log = sum(figures["starts_by_log"] for figures in clusters.values())
    if by_log:
        yield f"(in {by_log} runs the kernel did not tell of the agent's process: the executor's line stands for it)"


def text(summary):
    """The whole result for a reader."""
    yield from outages(summary)
    yield ""
    yield from parts({name: summary[name] for name in CLUSTERS if "stages" in summary[name]})
    yield ""
    yield "haops per stock"
    yield from table(["", "ratio"], [[key.replace("_", " "), f"{value:.3f}"]
                                     for key, value in summary["ratios"].items()])
