// An environment's stream, folded: snapshots, patches in any order, gaps.
import { describe, expect, test } from "vitest";
import { diffEnvironment, type EnvironmentView, foldEnvironment } from "#worker/domains/environments/snapshot";
import type { EnvironmentState } from "#worker/wire/deployments";
import type { EnvironmentMessage } from "#worker/wire/live";

const state = (more: Partial<EnvironmentState> = {}): EnvironmentState => ({
	...{ id: "e-1", name: "production", components: [], lock: null, holds: [], rollback: null, viewers: [], clusters: [] },
	settings: { isProduction: true, goodMinutes: 15, autoRollback: false, needsApprover: false, freezes: [], drills: false },
	drills: { n: 0, p50Ms: null, p95Ms: null, lastAt: null, lastOk: null },
	...more,
});
const lock = { by: { id: "u", name: "Maya" }, at: 1, until: null, reason: null, rollbackId: null };
const snapshot = (seq: number, of = state(), epoch = "a"): EnvironmentMessage => ({ type: "snapshot", epoch, seq, at: seq, state: of });
const change = (prev: number, seq: number, patch: Partial<EnvironmentState>, epoch = "a"): EnvironmentMessage => ({
	...{ type: "change", epoch, prev, seq, at: seq, patch },
});
const view = (seq: number, of = state()): EnvironmentView => ({ epoch: "a", seq, at: seq, state: of });

describe("what is different", () => {
	test("its parts, and nothing else; nothing when all is the same", () => {
		expect(diffEnvironment(state(), state())).toBeNull();
		expect(diffEnvironment(state(), state({ lock }))).toEqual({ lock });
		expect(diffEnvironment(state({ lock }), state({ name: "prod" }))).toEqual({ lock: null, name: "prod" });
	});
});

describe("folding", () => {
	const CASES: [string, EnvironmentView | null, EnvironmentMessage, { seq: number | null; needs: string; isLocked?: boolean }][] = [
		["a first snapshot", null, snapshot(4), { seq: 4, needs: "nothing" }],
		["a newer snapshot", view(4), snapshot(9, state({ lock })), { seq: 9, needs: "nothing", isLocked: true }],
		["an older snapshot", view(9, state({ lock })), snapshot(4), { seq: 9, needs: "nothing", isLocked: true }],
		["a snapshot of another life", view(9), snapshot(1, state({ lock }), "b"), { seq: 1, needs: "nothing", isLocked: true }],
		["the next change", view(4), change(4, 5, { lock }), { seq: 5, needs: "nothing", isLocked: true }],
		["a change that laps over", view(4), change(2, 6, { lock }), { seq: 6, needs: "nothing", isLocked: true }],
		["a change that was seen", view(4), change(3, 4, { lock }), { seq: 4, needs: "nothing", isLocked: false }],
		["a change after a gap", view(4), change(5, 6, { lock }), { seq: 4, needs: "hello", isLocked: false }],
		["a change of another life", view(4), change(4, 5, { lock }, "b"), { seq: 4, needs: "hello", isLocked: false }],
		["a change before any snapshot", null, change(4, 5, { lock }), { seq: null, needs: "hello" }],
		["a bye", view(4), { type: "bye", epoch: "a", seq: 4, reason: "slow" }, { seq: 4, needs: "nothing" }],
	];
	test.each(CASES)("%s", (_what, before, message, expected) => {
		const { view: after, needs } = foldEnvironment(before, message);
		expect([after?.seq ?? null, needs]).toEqual([expected.seq, expected.needs]);
		if (expected.isLocked !== undefined) expect(after?.state.lock !== null).toBe(expected.isLocked);
	});
});
