import type { AgentMessage } from "#worker/wire/agent";
import type { About, Command, Step } from "#worker/wire/rollback";
import type { World } from "./world";

/** A command as the object stores it, and what the judge remembers about it. */
export type Entry = {
	command: Command;
	key: string;
	about: About;
	/** What the person saw, for judging: which template, of which workload. */
	seen: { incarnation: number; serial: number };
	/** Templates that were known to be broken when the target was chosen. */
	knownBroken: ReadonlySet<string>;
	/** How often it was carried out. */
	applies: number;
	appliedIn: number;
};

/**
 * The environment's object around the machine: it keeps commands, answers clicks and agents, and is woken by its alarm. What is kept
 * survives; between keeping and answering it may be gone. Its clock is the time of the simulation.
 */
export class EnvironmentObject {
	readonly entries: Entry[] = [];
	lastFence = 0;
	#downUntil = 0;
	readonly #world: World;

	constructor(world: World) {
		this.#world = world;
	}

	isDown(): boolean {
		return this.#world.line.now < this.#downUntil;
	}

	/** Keep a transition. False: the database failed, or the object was evicted before it could answer. */
	#kept(entry: Entry, step: Step): boolean {
		const world = this.#world;
		if (!step.ok || !step.changed) return true;
		if (world.chance.is(world.weather.storeFails)) return false;
		const before = entry.command;
		entry.command = step.command;
		this.lastFence = Math.max(this.lastFence, step.command.fence);
		world.judgeTransition(entry, before);
		this.#arm(entry);
		if (!world.chance.is(world.weather.evict)) return true;
		this.#downUntil = world.line.now + world.chance.between(1, 3000);
		return false;
	}

	#arm(entry: Entry): void {
		const world = this.#world;
		const at = world.machine.nextWakeAt(entry.command);
		if (at !== null) world.line.after(Math.max(0, at - world.line.now) + world.chance.between(0, 50), () => this.#wake(entry));
	}

	/** An alarm: at least once, sometimes late. */
	#wake(entry: Entry): void {
		const world = this.#world;
		if (this.isDown()) {
			world.line.after(this.#downUntil - world.line.now, () => this.#wake(entry));
			return;
		}
		const step = world.machine.tick(entry.command, world.line.now);
		const isKept = this.#kept(entry, step);
		// An alarm that failed is tried again.
		if (!isKept) world.line.after(2000, () => this.#wake(entry));
		else world.judgeWake(entry);
	}

	/** A click. */
	request(key: string, isRehearsal: boolean): void {
		const world = this.#world;
		if (this.isDown() || world.reported === null) return;
		const known = this.entries.find((entry) => entry.key === key) ?? null;
		const active = this.entries.findLast((entry) => world.machine.isActive(entry.command.state)) ?? null;
		if (world.machine.admit({ known: known?.command ?? null, active: active?.command ?? null }) !== "new") return;
		const { view, incarnation, serial } = world.reported;
		const knownBroken = new Set(world.knownBroken);
		const target = [...view.revisions]
			.sort((a, b) => b.revision - a.revision)
			.find(({ hash }) => hash !== view.hash && !knownBroken.has(hash));
		if (!target || world.chance.is(world.weather.storeFails)) return;
		const entry: Entry = {
			command: world.machine.newCommand({
				id: `c${this.entries.length + 1}`,
				now: world.line.now,
				deadlineMs: world.chance.is(0.3) ? world.chance.between(3000, 40_000) : world.machine.COMMAND_DEADLINE_MS,
				changesCluster: !isRehearsal,
			}),
			key,
			about: {
				verb: isRehearsal ? "dry-run" : "rollback",
				workload: { namespace: "production", kind: "Deployment", name: "checkout" },
				expectedRevision: view.revision,
				expectedHash: view.hash,
				targetRevision: target.revision,
				targetHash: target.hash,
			},
			seen: { incarnation, serial },
			knownBroken,
			applies: 0,
			appliedIn: 0,
		};
		this.entries.push(entry);
		world.judgeRequest();
		this.#arm(entry);
		this.offer();
	}

	cancel(): void {
		const world = this.#world;
		const entry = this.entries.at(-1);
		if (this.isDown() || !entry) return;
		const step = world.machine.cancel(entry.command, world.line.now);
		if (this.#kept(entry, step) && step.ok && entry.command.holder)
			world.toAgent(entry.command.holder, { type: "cancel", commandId: entry.command.id });
	}

	/** Tell the agents that there is something to claim. */
	offer(): void {
		const world = this.#world;
		if (this.isDown()) return;
		for (const entry of this.entries) {
			const { command } = entry;
			world.judgeDeadline(entry);
			const isFree = command.leaseUntil === null || command.leaseUntil <= world.line.now;
			if (!world.machine.isActive(command.state) || !isFree) continue;
			for (const agent of world.agents) if (agent.isAlive) world.toAgent(agent.id, { type: "offer", commandId: command.id });
		}
	}

	/** What an agent says. */
	receive(agent: string, message: Extract<AgentMessage, { type: "claim" | "progress" | "result" }>): void {
		const world = this.#world;
		const entry = this.entries.find(({ command }) => command.id === message.commandId);
		if (this.isDown() || !entry) return;
		const { now } = world.line;
		if (message.type === "claim") {
			const before = entry.command;
			const step = world.machine.claim(before, { agent, now, lastFence: this.lastFence });
			const lastFence = this.lastFence;
			if (!this.#kept(entry, step)) return;
			if (!step.ok) {
				world.toAgent(agent, { type: "declined", commandId: message.commandId, reason: step.reason });
				return;
			}
			const command = world.machine.grantOf(entry.command, entry.about, { now, askedAt: message.at });
			world.judgeGrant(entry, { before, lastFence, agent, granted: command });
			world.toAgent(agent, { type: "granted", command });
			return;
		}
		const step = world.machine.report(entry.command, message, { agent, now });
		if (!this.#kept(entry, step)) return;
		if (message.type === "result") world.toAgent(agent, { type: "resultAck", commandId: message.commandId, fence: message.fence });
	}
}
