import { readFileSync } from "node:fs";
import { transformWithEsbuild } from "vite";
import { type Machine, type Rig, simulate } from "./world";

/** The machine with one guard less: a piece of its source and what stands there instead. `near` is a seed that once missed it. */
export type Mutant = { guard: string; from: string; to: string; near?: number };

/** Each takes one guard away. A piece that is not in the source exactly once is a test that has lost its object. */
export const MUTANTS: readonly Mutant[] = [
	{ guard: "the same key is the same command", from: `if (known) return "repeat";`, to: "" },
	{ guard: "one command under way in an environment", from: `isActive(active.state) ? "busy" : "new"`, to: `false ? "busy" : "new"` },
	{
		guard: "a lease belongs to one",
		from: `if (current.leaseUntil !== null) return current.holder === agent ? stepped(command, current) : refused(command, "taken");`,
		to: "",
	},
	{ guard: "the fence grows with each claim", from: "fence: Math.max(lastFence + 1, command.fence + 1, now),", to: "fence: 1," },
	{
		guard: "what is over is not granted",
		from: `const current = aged(command, now);
	if (isTerminal(current.state)) return refused(command, "over");
	if (current.leaseUntil`,
		to: `const current = aged(command, now);
	if (current.leaseUntil`,
	},
	{
		guard: "cancelled or late, it is granted for settling alone",
		from: `settle: command.state !== "claimed" || command.applied || now >= command.deadlineAt,`,
		to: "settle: false,",
	},
	{
		guard: "a no comes from the newest fence",
		near: 479,
		from: `if (message.fence !== command.fence) return refused(command, "stale");`,
		to: "",
	},
	{ guard: "a no is proven", near: 131, from: `if (!isProven) return refused(command, "unproven");`, to: "" },
	{
		guard: "a barrier is not needed by who was always alone",
		near: 131,
		from: "command.claims === 1 && agent === command.holder;",
		to: "true;",
	},
	{
		guard: "a success was carried out",
		from: `if (command.changesCluster && !message.applied) return refused(command, "unproven");`,
		to: "",
	},
	{
		guard: "a no never takes a fact back",
		near: 756,
		from: "if (isTerminal(command.state)) return stepped(command, command);\n\tif (message.fence",
		to: "if (message.fence",
	},
	{
		guard: "a failure never takes a success back",
		from: `if (command.state === "succeeded" || (command.state === "failed" && command.applied)) return stepped(command, command);`,
		to: "",
	},
	{
		guard: "claimed and late is unknown, not expired",
		from: `if (command.state === "pending" || !command.changesCluster)
		return { ...command, state: "expired"`,
		to: `if (true)
		return { ...command, state: "expired"`,
	},
	{
		guard: "what is claimed is settled before it is cancelled",
		from: `if (current.state === "pending" || !current.changesCluster)`,
		to: "if (true)",
	},
	{ guard: "what is applied can't be cancelled", from: `if (current.applied) return refused(command, "applied");`, to: "" },
	{ guard: "a grant is for one process", near: 311, from: `if (granted.agent !== at.agent) return { act: "stop" };`, to: "" },
	{ guard: "what is done is not done again", near: 212, from: "sight.mark?.done.includes(granted.id) ||", to: "" },
	{ guard: "copies of marks prove what was done", from: "|| sight.traces.includes(granted.id)", to: "" },
	{ guard: "a process knows what it did", near: 1010, from: `at.patched === "yes" || sight.mark`, to: "sight.mark" },
	{
		guard: "nothing is begun on a lease that is over",
		near: 1384,
		from: `if (at.elapsedMs >= granted.leaseMs) return { act: "stop" };\n\tconst fence`,
		to: "const fence",
	},
	{ guard: "a higher fence stops", near: 963, from: `if (fence > granted.fence) return { act: "stop" };`, to: "" },
	{
		guard: "one's own barrier stands",
		from: `if (fence === granted.fence) return { act: "report", reason: reason ?? "conflict", barrier: true, applied: false };`,
		to: "",
	},
	{
		guard: "a barrier raises the fence",
		near: 963,
		from: "mark: { fence: granted.fence, done: view.mark?.done ?? []",
		to: "mark: { fence: 0, done: view.mark?.done ?? []",
	},
	{ guard: "a change leaves its name", from: "[...(view.mark?.done ?? []), granted.id].slice(-DONE_KEPT)", to: "view.mark?.done ?? []" },
	{
		guard: "the spec is seen by its controller",
		near: 155,
		from: `if (reason !== null || !sight.isObserved) return`,
		to: "if (reason !== null) return",
	},
	{
		guard: "the workload is where it was seen",
		near: 2514,
		from: `if (granted.expectedRevision !== null && view.revision !== granted.expectedRevision) return "environment_moved";`,
		to: "",
	},
	{
		guard: "the template is the one that was seen",
		from: `if (granted.expectedHash !== null && view.hash !== granted.expectedHash) return "environment_moved";`,
		to: "",
	},
	{ guard: "what is paused stays", from: `if (view.isPaused) return "paused";`, to: "" },
	{ guard: "nothing is begun after the deadline", from: `if (granted.remainingMs - at.elapsedMs <= 0) return "expired";`, to: "" },
	{ guard: "settling carries nothing out", from: `if (granted.settle) return "cancelled";`, to: "" },
	{
		guard: "the target is found by its template",
		from: "granted.targetHash === null ? one.revision === granted.targetRevision : one.hash === granted.targetHash,",
		to: "one.revision >= (granted.targetRevision ?? 0),",
	},
	{
		guard: "without a barrier only who is alone says no",
		from: `if (granted.claims === 1 && at.patched === "no") return no(reason);`,
		to: "return no(reason);",
	},
	{ guard: "a patch on its way is no no", from: `granted.claims === 1 && at.patched === "no"`, to: "granted.claims === 1" },
	{
		guard: "a lease ends",
		from: "command.leaseUntil !== null && now < command.leaseUntil ? command.leaseUntil : null;",
		to: "command.leaseUntil;",
	},
	{
		guard: "who reports keeps the lease",
		near: 3856,
		from: "leaseUntil: now + LEASE_MS,\n\t\t\t\t\tpods",
		to: "leaseUntil: now - 1,\n\t\t\t\t\tpods",
	},
	{
		guard: "the alarm is set for what comes first",
		from: "return Math.min(command.leaseUntil ?? Number.POSITIVE_INFINITY, command.deadlineAt);",
		to: "return null;",
	},
	{ guard: "a rehearsal changes nothing", from: `if (granted.verb === "dry-run") return rehearse(granted, sight, at);`, to: "" },
];

/** Guards outside of the machine: the patch's test of the resourceVersion, and that a process acts on a grant once. */
export const RIGS: readonly { guard: string; rig: Rig; near?: number }[] = [
	{ guard: "compare and swap", rig: { withoutTest: true } },
	{ guard: "a grant is acted on once", near: 5096, rig: { forgetsGrants: true } },
];

/** The source of the production module, for mutants. */
export function machineSource(): string {
	return readFileSync("worker/wire/rollback.ts", "utf8");
}

/**
 * The machine with one guard less, compiled from its own source.
 * @throws when the piece is not there exactly once
 */
export async function mutate(source: string, { guard, from, to }: Mutant): Promise<Machine> {
	if (source.split(from).length !== 2)
		throw new Error(`The guard "${guard}" is not in worker/wire/rollback.ts as this list knows it: ${from}`);
	const { code } = await transformWithEsbuild(
		source.replace(from, () => to),
		"rollback.ts",
		{ sourcemap: false },
	);
	return import(/* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`);
}

/** The first seed in which something happens that must not, and what; null when all of them are clean. */
export function firstViolation(
	machine: Machine,
	{ seeds, near, rig = {} }: { seeds: number; near?: number; rig?: Rig },
): { seed: number; what: string } | null {
	for (let n = near === undefined ? 0 : -1; n < seeds; n++) {
		const seed = n < 0 ? (near as number) : n;
		const { violation } = simulate(machine, seed, rig);
		if (violation !== null) return { seed, what: violation };
	}
	return null;
}
