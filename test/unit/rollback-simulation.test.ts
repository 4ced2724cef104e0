import { expect, test } from "vitest";
import * as machine from "#worker/wire/rollback";
import { firstViolation, MUTANTS, machineSource, mutate, RIGS } from "../sim/mutants";
import { simulate } from "../sim/world";

// Agents crash, sleep past their lease and lose messages while others deploy; what must never happen is checked at every step.
// `npm run simulate -- --seeds 100000` does the same at length.
const SEEDS = 3000;
/** Where a guard's absence shows in none of these, it does not show. */
const SEEDS_PER_GUARD = 400;

test(`nothing that must not happen happens in ${SEEDS} stories`, { timeout: 120_000 }, () => {
	expect(firstViolation(machine, { seeds: SEEDS })).toBeNull();
});

test("the stories are full of what they are about", () => {
	const told = Array.from({ length: 200 }, (_, seed) => simulate(machine, seed));
	const sum = (of: (outcome: (typeof told)[number]) => number) => told.reduce((total, outcome) => total + of(outcome), 0);
	expect(sum(({ commands }) => commands)).toBeGreaterThan(1000);
	expect(sum(({ applies }) => applies)).toBeGreaterThan(200);
	expect(sum(({ takeovers }) => takeovers)).toBeGreaterThan(500);
	expect(sum(({ crashes }) => crashes)).toBeGreaterThan(300);
	for (const state of ["succeeded", "failed", "cancelled", "expired"] as const)
		expect(sum(({ ended }) => ended[state] ?? 0)).toBeGreaterThan(30);
	for (const act of ["apply", "barrier", "watch", "report", "rehearse", "wait", "stop"])
		expect(sum(({ acts }) => acts[act] ?? 0)).toBeGreaterThan(30);
});

test("a seed is a story that can be told again", () => {
	expect(simulate(machine, 7)).toEqual(simulate(machine, 7));
});

test("each guard that is taken away is missed, nine in ten at least", { timeout: 300_000 }, async () => {
	const source = machineSource();
	const unnoticed: string[] = [];
	for (const mutant of MUTANTS) {
		const found = firstViolation(await mutate(source, mutant), { seeds: SEEDS_PER_GUARD, near: mutant.near });
		if (found === null) unnoticed.push(mutant.guard);
	}
	for (const { guard, rig, near } of RIGS) {
		if (firstViolation(machine, { seeds: SEEDS_PER_GUARD, near, rig }) === null) unnoticed.push(guard);
	}
	// That one's own barrier stands matters only where a process also acts twice on one grant: two guards stand before that.
	const others = unnoticed.filter((guard) => guard !== "one's own barrier stands");
	expect(unnoticed.length, `unnoticed: ${others.join("; ")}`).toBeLessThanOrEqual((MUTANTS.length + RIGS.length) / 10);
});

test("a guard that is not in the source is said to be lost", async () => {
	await expect(mutate(machineSource(), { guard: "none", from: "no such line", to: "" })).rejects.toThrow("is not in");
});
