import { describe, expect, test } from "vitest";
import type { CommandMark, CommandResult, GrantedCommand } from "#worker/wire/agent";
import {
	type AgentMoment,
	abandon,
	act,
	admit,
	type Command,
	type CommandReport,
	cancel,
	claim,
	grantOf,
	isActive,
	LEASE_MS,
	newCommand,
	nextWakeAt,
	report,
	type Sight,
	type Step,
	tick,
	type WorkloadView,
} from "#worker/wire/rollback";

const NOW = 1_795_000_000_000;
const DEADLINE = NOW + 120_000;

const pending = newCommand({ id: "c1", now: NOW, deadlineMs: 120_000 });
const claimed = taken(claim(pending, { agent: "agent-1", now: NOW + 1000, lastFence: 0 }));
const applied = taken(report(claimed, progress({ stage: "applied" }), { agent: "agent-1", now: NOW + 2000 }));
const cancelling = taken(cancel(claimed, NOW + 2000));
const unknown = taken(tick(claimed, DEADLINE));
const takenOver = taken(claim(claimed, { agent: "agent-2", now: NOW + 20_000, lastFence: claimed.fence }));
const rehearsal = taken(
	claim(newCommand({ id: "c1", now: NOW, deadlineMs: 120_000, changesCluster: false }), {
		agent: "agent-1",
		now: NOW + 1000,
		lastFence: 0,
	}),
);

/** The command after a step that was taken. */
function taken(step: Step): Command {
	if (!step.ok) throw new Error(`refused: ${step.reason}`);
	return step.command;
}

function progress(more: Partial<Extract<CommandReport, { type: "progress" }>> = {}): CommandReport {
	return { type: "progress", commandId: "c1", fence: NOW + 1000, stage: "accepted", pods: null, sentence: null, at: 1, ...more };
}

function result(more: Partial<CommandResult> = {}): CommandResult {
	return {
		type: "result",
		commandId: "c1",
		fence: NOW + 1000,
		outcome: "failed",
		applied: false,
		barrier: true,
		reason: "environment_moved",
		message: "",
		revision: null,
		changes: [],
		durationMs: 100,
		at: 1,
		...more,
	};
}
const success = (more: Partial<CommandResult> = {}) =>
	result({ outcome: "succeeded", applied: true, barrier: false, reason: null, revision: 4, ...more });

describe("a request", () => {
	test.each([
		{ known: null, active: null, becomes: "new" },
		{ known: claimed, active: claimed, becomes: "repeat" },
		{ known: taken(report(claimed, success(), { agent: "agent-1", now: NOW })), active: unknown, becomes: "repeat" },
		{ known: null, active: pending, becomes: "busy" },
		{ known: null, active: unknown, becomes: "busy" },
		{ known: null, active: taken(cancel(pending, NOW)), becomes: "new" },
	])("is $becomes", ({ known, active, becomes }) => expect(admit({ known, active })).toBe(becomes));
});

describe("a claim", () => {
	test("of a pending command gives the lease and a fence no lower than the clock", () => {
		expect(claimed).toMatchObject({
			state: "claimed",
			fence: NOW + 1000,
			claims: 1,
			holder: "agent-1",
			leaseUntil: NOW + 1000 + LEASE_MS,
		});
	});
	test("has a higher fence than any before, even where the clock went back", () => {
		expect(taken(claim(pending, { agent: "agent-1", now: NOW, lastFence: NOW + 9_999_999 })).fence).toBe(NOW + 10_000_000);
	});
	test("by another process waits until the lease is over, and raises the fence then", () => {
		const end = claimed.leaseUntil as number;
		expect(claim(claimed, { agent: "agent-2", now: end - 1, lastFence: claimed.fence })).toMatchObject({ ok: false, reason: "taken" });
		expect(takenOver).toMatchObject({ state: "claimed", claims: 2, holder: "agent-2" });
		expect(takenOver.fence).toBeGreaterThan(claimed.fence);
	});
	test("by the same process during its lease is the same grant, with what is left of its time", () => {
		const again = claim(claimed, { agent: "agent-1", now: NOW + 5000, lastFence: claimed.fence });
		expect(again).toMatchObject({ ok: true, changed: false });
		expect(grantOf(taken(again), about, { now: NOW + 5000, askedAt: 7 })).toMatchObject({
			fence: claimed.fence,
			leaseMs: LEASE_MS - 4000,
			askedAt: 7,
		});
	});
	test("by the same process after its lease is a new one", () => {
		expect(taken(claim(claimed, { agent: "agent-1", now: NOW + 30_000, lastFence: claimed.fence }))).toMatchObject({
			claims: 2,
			fence: NOW + 30_000,
		});
	});
	test("of what is over, or too late for what nobody began, is refused", () => {
		expect(claim(taken(cancel(pending, NOW)), { agent: "a", now: NOW, lastFence: 0 })).toMatchObject({ ok: false, reason: "over" });
		expect(claim(pending, { agent: "a", now: DEADLINE, lastFence: 0 })).toMatchObject({ ok: false, reason: "over" });
	});
	test.each([
		["one that is being cancelled", cancelling, NOW + 30_000, "cancelling"],
		["one in doubt", unknown, DEADLINE + 60_000, "unknown"],
	] as const)("of %s is for settling it alone", (_, command, now, state) => {
		const next = taken(claim(command, { agent: "agent-2", now, lastFence: command.fence }));
		expect(next.state).toBe(state);
		expect(grantOf(next, about, { now, askedAt: 1 })).toMatchObject({ settle: true, agent: "agent-2", claims: 2 });
	});
	test("of what was applied goes on watching, also after the deadline", () => {
		const lost = taken(tick(applied, DEADLINE));
		expect(lost.state).toBe("unknown");
		expect(taken(claim(lost, { agent: "agent-2", now: DEADLINE + 1, lastFence: lost.fence }))).toMatchObject({
			state: "claimed",
			applied: true,
		});
	});
});

const about = {
	verb: "rollback",
	workload: { namespace: "production", kind: "Deployment", name: "checkout" },
	expectedRevision: 3,
	expectedHash: "bad",
	targetRevision: 2,
	targetHash: "good",
} as const;

describe("a report", () => {
	test("of the holder renews its lease and tells of pods", () => {
		const pods = { updated: 1, ready: 1, total: 3 };
		const next = taken(report(claimed, progress({ pods, sentence: "1 of 3" }), { agent: "agent-1", now: NOW + 9000 }));
		expect(next).toMatchObject({ leaseUntil: NOW + 9000 + LEASE_MS, pods, message: "1 of 3", applied: false });
	});
	test("that it was accepted, from who lost it, is stale", () => {
		expect(report(takenOver, progress(), { agent: "agent-1", now: NOW + 21_000 })).toMatchObject({ ok: false, reason: "stale" });
	});
	test("about another command is refused", () => {
		expect(report(claimed, progress({ commandId: "c2" }), { agent: "agent-1", now: NOW })).toMatchObject({ reason: "unknownCommand" });
	});
	test("twice changes nothing the second time", () => {
		const once = report(claimed, result(), { agent: "agent-1", now: NOW + 3000 });
		expect(once).toMatchObject({ ok: true, changed: true });
		expect(report(taken(once), result(), { agent: "agent-1", now: NOW + 9000 })).toMatchObject({ ok: true, changed: false });
		expect(report(taken(once), success(), { agent: "agent-1", now: NOW + 9000 })).toMatchObject({ ok: true, changed: true });
	});

	test.each([
		["from the holder", claimed, "agent-1"],
		["from an old fence", takenOver, "agent-1"],
		["while it was being cancelled", cancelling, "agent-1"],
		["when it was in doubt", unknown, "agent-1"],
		["over a cancellation that was wrong", taken(report(cancelling, result(), { agent: "agent-1", now: NOW })), "agent-1"],
		["over a no that was wrong", taken(report(claimed, result(), { agent: "agent-1", now: NOW })), "agent-9"],
	] as const)("that it succeeded is a fact %s", (_, command, agent) => {
		expect(taken(report(command, success(), { agent, now: NOW + 50_000 }))).toMatchObject({
			state: "succeeded",
			applied: true,
			reason: null,
			revision: 4,
			leaseUntil: null,
			finishedAt: NOW + 50_000,
		});
	});
	test("that it succeeded without having been applied is not believed", () => {
		expect(report(claimed, success({ applied: false }), { agent: "agent-1", now: NOW })).toMatchObject({ reason: "unproven" });
		expect(taken(report(rehearsal, success({ applied: false }), { agent: "agent-1", now: NOW }))).toMatchObject({
			state: "succeeded",
			applied: false,
		});
	});
	test("that it was applied ends the cancelling and the doubt, and is never forgotten", () => {
		const late = taken(report(cancelling, progress({ stage: "applied" }), { agent: "agent-1", now: NOW + 4000 }));
		expect(late).toMatchObject({ state: "claimed", applied: true });
		expect(taken(report(unknown, progress({ stage: "rolling" }), { agent: "agent-1", now: DEADLINE + 5000 }))).toMatchObject({
			state: "claimed",
			leaseUntil: DEADLINE + 5000 + LEASE_MS,
		});
		const wrongNo = taken(report(claimed, result(), { agent: "agent-1", now: NOW }));
		expect(taken(report(wrongNo, progress({ stage: "applied" }), { agent: "agent-1", now: NOW }))).toMatchObject({
			state: "failed",
			applied: true,
		});
	});
	test("that its rollout failed says so, until its pods get ready after all", () => {
		const failed = taken(
			report(applied, result({ applied: true, barrier: false, reason: "rollout_failed" }), { agent: "agent-1", now: NOW }),
		);
		expect(failed).toMatchObject({ state: "failed", applied: true, reason: "rollout_failed" });
		const ready = taken(report(failed, success(), { agent: "agent-1", now: NOW + 60_000 }));
		expect(ready.state).toBe("succeeded");
		expect(report(ready, result({ applied: true, reason: "rollout_failed" }), { agent: "agent-2", now: NOW })).toMatchObject({
			changed: false,
		});
	});

	test.each([
		["with a barrier", claimed, result(), "agent-1", "failed"],
		["without one, from who was always alone", claimed, result({ barrier: false }), "agent-1", "failed"],
		["from who was always alone, after the deadline", unknown, result({ barrier: false, reason: "expired" }), "agent-1", "expired"],
		["while it was being cancelled", cancelling, result({ reason: "cancelled" }), "agent-1", "cancelled"],
		["of a workload that is gone, which holds for all", takenOver, nobody("workload_missing"), "agent-2", "failed"],
		["of a rehearsal", rehearsal, result({ barrier: false }), "agent-1", "failed"],
	] as const)("of a no %s is taken", (_, command, message, agent, state) => {
		expect(taken(report(command, message, { agent, now: NOW + 40_000 }))).toMatchObject({
			state,
			applied: false,
			reason: message.reason,
			leaseUntil: null,
		});
	});
	test.each([
		["of an old fence", takenOver, result(), "agent-1", "stale"],
		["without a barrier where two have had it", takenOver, nobody("cluster_unreachable"), "agent-2", "unproven"],
		["without a barrier from another process", claimed, result({ barrier: false }), "agent-9", "unproven"],
	] as const)("of a no %s is refused", (_, command, message, agent, reason) => {
		expect(report(command, message, { agent, now: NOW + 40_000 })).toEqual({ ok: false, reason, command });
	});
	test("of a no about what was applied says that something newer is there", () => {
		const next = taken(report(applied, result({ reason: "expired" }), { agent: "agent-1", now: NOW }));
		expect(next).toMatchObject({ state: "failed", applied: true, reason: "environment_moved" });
	});
});

function nobody(reason: CommandResult["reason"]): CommandResult {
	return result({ fence: takenOver.fence, barrier: false, reason });
}

describe("a cancellation", () => {
	test("of what nobody claimed is immediate", () => {
		expect(taken(cancel(pending, NOW + 5))).toMatchObject({ state: "cancelled", reason: "cancelled", finishedAt: NOW + 5 });
	});
	test("of a rehearsal is immediate too: nothing can have happened", () => expect(taken(cancel(rehearsal, NOW)).state).toBe("cancelled"));
	test("of what is claimed is settled first", () => expect(cancelling).toMatchObject({ state: "cancelling", finishedAt: null }));
	test("twice is once", () => expect(cancel(cancelling, NOW + 3000)).toMatchObject({ ok: true, changed: false }));
	test("comes too late for what was applied", () => expect(cancel(applied, NOW + 3000)).toMatchObject({ ok: false, reason: "applied" }));
	test("of what is in doubt leaves it in doubt", () => expect(taken(cancel(unknown, DEADLINE + 1)).state).toBe("unknown"));
	test("of what is over is refused", () => {
		expect(cancel(taken(cancel(pending, NOW)), NOW)).toMatchObject({ ok: false, reason: "over" });
		expect(cancel(pending, DEADLINE)).toMatchObject({ ok: false, reason: "over" });
	});
	test("for want of a cluster ends it, and a fact would still be taken", () => {
		const gone = taken(abandon(unknown, DEADLINE + 1));
		expect(gone).toMatchObject({ state: "failed", reason: "cluster_unreachable", applied: false });
		expect(taken(report(gone, success(), { agent: "agent-1", now: DEADLINE + 2 })).state).toBe("succeeded");
	});
});

describe("time", () => {
	test.each([
		["a pending command, before", pending, DEADLINE - 1, "pending"],
		["a pending command, at its deadline", pending, DEADLINE, "expired"],
		["a claimed one", claimed, DEADLINE, "unknown"],
		["one being cancelled", cancelling, DEADLINE, "unknown"],
		["an applied one that is silent", applied, DEADLINE, "unknown"],
		["an applied one whose agent still reports", lateReport(), DEADLINE + 1000, "claimed"],
		["a rehearsal", rehearsal, DEADLINE, "expired"],
		["one in doubt, a day later", unknown, DEADLINE + 86_400_000, "unknown"],
	] as const)("%s", (_, command, now, state) => expect(taken(tick(command, now)).state).toBe(state));

	test("a lease that is over leaves the holder's name and can be offered again", () => {
		expect(taken(tick(claimed, claimed.leaseUntil as number))).toMatchObject({ state: "claimed", leaseUntil: null, holder: "agent-1" });
	});
	test.each([
		["pending", pending, DEADLINE],
		["claimed", claimed, claimed.leaseUntil],
		["claimed, its lease over", taken(tick(claimed, NOW + 60_000)), DEADLINE],
		["applied and followed past the deadline", lateReport(), lateReport().leaseUntil],
		["in doubt", { ...unknown, leaseUntil: null }, null],
		["over", taken(cancel(pending, NOW)), null],
	] as const)("wakes it when it is %s", (_, command, at) => expect(nextWakeAt(command)).toBe(at));
	test("an alarm that was answered is not due again", () => {
		for (const command of [pending, claimed, applied, cancelling, unknown, rehearsal, lateReport()]) {
			let next: Command = command;
			for (let at = nextWakeAt(next), rings = 0; at !== null; at = nextWakeAt(next)) {
				next = taken(tick(next, at));
				const after = nextWakeAt(next);
				expect(after === null || after > at).toBe(true);
				expect(++rings).toBeLessThan(5);
			}
		}
	});
	test("an end is an end", () => {
		for (const state of ["succeeded", "failed", "cancelled", "expired"] as const) expect(isActive(state)).toBe(false);
	});
});

function lateReport(): Command {
	return taken(report(applied, progress({ stage: "rolling" }), { agent: "agent-1", now: DEADLINE - 1000 }));
}

// ——— the agent

const granted: GrantedCommand = {
	...about,
	id: "c1",
	agent: "agent-1",
	askedAt: 1,
	fence: 500,
	leaseMs: LEASE_MS,
	remainingMs: 119_000,
	settle: false,
	claims: 1,
};
const view: WorkloadView = {
	revision: 3,
	hash: "bad",
	isObserved: true,
	isPaused: false,
	mark: { fence: 400, done: ["c0"], by: null },
	revisions: [
		{ revision: 1, hash: "old" },
		{ revision: 2, hash: "good" },
		{ revision: 3, hash: "bad" },
	],
	traces: [],
};
const at: AgentMoment = { agent: "agent-1", elapsedMs: 50, conflicts: 0, patched: "no" };
const raised: CommandMark = { fence: 500, done: ["c0"], by: null };
const done = { ...view, revision: 4, hash: "good", mark: { fence: 500, done: ["c0", "c1"], by: { id: "c1", revision: 4 } } };

describe("an agent", () => {
	test("changes template and mark in one patch", () => {
		expect(act(granted, view, at)).toEqual({
			act: "apply",
			toRevision: 2,
			mark: { fence: 500, done: ["c0", "c1"], by: { id: "c1", revision: 4 } },
		});
	});
	test("leaves the names of the last eight commands", () => {
		const mark = { fence: 1, done: ["1", "2", "3", "4", "5", "6", "7", "8"], by: null };
		expect(act(granted, { ...view, mark }, at)).toMatchObject({ mark: { done: ["2", "3", "4", "5", "6", "7", "8", "c1"] } });
	});
	test("finds a target that was renumbered since by its template", () => {
		const revisions = [...view.revisions.filter(({ hash }) => hash !== "good"), { revision: 9, hash: "good" }];
		expect(act(granted, { ...view, revisions }, at)).toMatchObject({ act: "apply", toRevision: 9 });
	});

	test.each<[string, Partial<WorkloadView>, Partial<GrantedCommand>, Partial<AgentMoment>, string]>([
		["a newer deployment is there", { revision: 4, hash: "newer" }, {}, {}, "environment_moved"],
		["it was deleted and made again", { hash: "other" }, {}, {}, "environment_moved"],
		["the target is gone", { revisions: [{ revision: 3, hash: "bad" }] }, {}, {}, "revision_missing"],
		["a number that means another template now", { revisions: [{ revision: 2, hash: "x" }] }, {}, {}, "revision_missing"],
		["the target is what runs", {}, { targetHash: "bad" }, {}, "same_revision"],
		["it is paused", { isPaused: true }, {}, {}, "paused"],
		["its deadline has passed", {}, { remainingMs: 40 }, {}, "expired"],
		["it was only to be settled, late", {}, { settle: true, remainingMs: -5 }, {}, "expired"],
		["it was cancelled", {}, { settle: true }, {}, "cancelled"],
		["somebody keeps changing it", {}, {}, { conflicts: 3 }, "conflict"],
		["its controller does not look at it", { isObserved: false }, {}, { elapsedMs: 8000 }, "conflict"],
		["the command does not say what was seen", {}, { expectedRevision: null }, {}, "invalid"],
		["a verb that is not known, where another may know it", {}, { verb: "restart", claims: 2 }, {}, "unknown_verb"],
	])("raises the fence before it says no: %s", (_, seen, more, moment, reason) => {
		const next = act({ ...granted, ...more }, { ...view, ...seen }, { ...at, ...moment });
		expect(next.act === "barrier" && [next.mark, next.then]).toEqual([raised, reason]);
	});
	test("says no once its barrier stands", () => {
		const mark = { ...raised };
		expect(act(granted, { ...view, mark, isPaused: true }, at)).toEqual({
			act: "report",
			reason: "paused",
			barrier: true,
			applied: false,
		});
		expect(act(granted, { ...view, mark }, at)).toMatchObject({ act: "report", barrier: true });
	});

	test.each<[string, Sight, Partial<AgentMoment>, Partial<GrantedCommand>]>([
		["the mark names it", done, {}, {}],
		["whatever its own lease", done, { elapsedMs: 100_000 }, {}],
		["even when it was to be settled", done, {}, { settle: true, remainingMs: -1 }],
		["even under a higher fence", { ...done, mark: { ...done.mark, fence: 900 } }, {}, {}],
		["a ReplicaSet's copy names it", { ...done, mark: null, traces: ["c1"] }, {}, {}],
		["it did it itself", { ...done, mark: null }, { patched: "yes" }, {}],
		["its controller has not looked yet", { ...view, mark: done.mark, isObserved: false }, {}, {}],
	])("watches what is done: %s", (_, sight, moment, more) => {
		expect(act({ ...granted, ...more }, sight, { ...at, ...moment })).toEqual({ act: "watch" });
	});
	test("reports what was done and replaced since", () => {
		expect(act(granted, { ...done, revision: 5, hash: "newer" }, at)).toEqual({
			act: "report",
			reason: "environment_moved",
			barrier: false,
			applied: true,
		});
	});

	test.each<[string, Sight, Partial<AgentMoment>, Partial<GrantedCommand>]>([
		["the grant is another process's", view, { agent: "agent-2" }, {}],
		["its lease is over by its own clock", view, { elapsedMs: LEASE_MS }, {}],
		["a higher fence was here", { ...view, mark: { fence: 501, done: [], by: null } }, {}, {}],
		["it can't see, and is not alone", "unreachable", { elapsedMs: 8000 }, { claims: 2 }],
		["it can't see what became of its patch", "unreachable", { elapsedMs: 8000, patched: "maybe" }, {}],
		["it may not patch, and is not alone", "forbidden", {}, { claims: 2 }],
	])("stops without a word: %s", (_, sight, moment, more) => {
		expect(act({ ...granted, ...more }, sight, { ...at, ...moment })).toEqual({ act: "stop" });
	});

	test.each<[string, Sight, Partial<AgentMoment>, Partial<GrantedCommand>, string]>([
		["the workload is gone", null, {}, { claims: 3 }, "workload_missing"],
		["it may not patch, alone", "forbidden", {}, {}, "forbidden"],
		["it can't see, alone", "unreachable", { elapsedMs: 8000 }, {}, "cluster_unreachable"],
		["a verb it does not know, alone", view, {}, { verb: "exec" }, "unknown_verb"],
		["no workload", view, {}, { workload: null }, "invalid"],
	])("says no where no barrier can stand: %s", (_, sight, moment, more, reason) => {
		expect(act({ ...granted, ...more }, sight, { ...at, ...moment })).toEqual({ act: "report", reason, barrier: false, applied: false });
	});
	test("looks again where the cluster is slow", () => {
		expect(act(granted, "unreachable", at)).toEqual({ act: "wait" });
		expect(act(granted, { ...view, isObserved: false }, at)).toEqual({ act: "wait" });
	});
	test("knows of a workload that is gone that it had changed it", () => {
		expect(act(granted, null, { ...at, patched: "yes" })).toMatchObject({ reason: "workload_missing", applied: true });
	});
});

describe("a rehearsal", () => {
	const rehearse = { ...granted, verb: "dry-run" };
	test("is the same patch as a dry run", () => expect(act(rehearse, view, at)).toMatchObject({ act: "rehearse", toRevision: 2 }));
	test.each<[string, Sight, Partial<GrantedCommand>, string]>([
		["paused", { ...view, isPaused: true }, {}, "paused"],
		["a newer deployment", { ...view, revision: 4 }, {}, "environment_moved"],
		["no workload", null, { claims: 2 }, "workload_missing"],
		["forbidden", "forbidden", { claims: 2 }, "forbidden"],
		["late", view, { remainingMs: 0 }, "expired"],
	])("says no without touching the cluster: %s", (_, sight, more, reason) => {
		expect(act({ ...rehearse, ...more }, sight, at)).toEqual({ act: "report", reason, barrier: false, applied: false });
	});
	test("of where it stands needs no revision that was seen", () => {
		expect(act({ ...rehearse, expectedRevision: null, expectedHash: null }, view, at)).toMatchObject({ act: "rehearse" });
	});
	test("a snapshot is a snapshot", () => {
		expect(act({ ...granted, verb: "snapshot", workload: null }, "unreachable", at)).toEqual({ act: "snapshot" });
	});
});
