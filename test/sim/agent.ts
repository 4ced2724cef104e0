import type { EdgeMessage, FailureReason, GrantedCommand } from "#worker/wire/agent";
import type { Sight } from "#worker/wire/rollback";
import type { Reading } from "./cluster";
import type { World } from "./world";

/** Looks at a rollout before an agent calls it failed. */
const LOOKS_MAX = 4;
/** A client's patience with the API server. */
const API_TIMEOUT_MS = 10_000;

type Work = { granted: GrantedCommand; conflicts: number; looks: number; saidApplied: boolean };
type Result = { commandId: string; fence: number; applied: boolean; barrier: boolean; reason: FailureReason | null };

/**
 * One process of an agent: everything it decides comes from the machine's `act`, the rest is fetching and sending. Before each of its
 * steps it may crash or be paused for longer than its lease.
 */
export class AgentProcess {
	isAlive = true;
	pausedUntil = 0;
	/** How long its clock has stood still. */
	#frozenMs = 0;
	#apiAwayUntil = 0;
	#work: Work | null = null;
	/** The newest fence of each command that was acted on. */
	readonly #seen = new Map<string, number>();
	/** Commands of which a change was accepted, or its answer never came. */
	readonly #patchedOnce = new Map<string, "maybe" | "yes">();
	/** Kept until acknowledged. */
	readonly #results = new Map<string, Result>();
	readonly #world: World;
	readonly #clock: () => number;

	constructor(
		world: World,
		readonly id: string,
		readonly slot: number,
	) {
		this.#world = world;
		// Agents and the object agree on no time, only, nearly, on how long things take.
		const offset = world.chance.between(0, 2 * 86_400_000);
		const rate = 1 + (world.chance.next() - 0.5) * 0.0004;
		this.#clock = () => Math.floor((world.line.now - this.#frozenMs) * rate) + offset;
	}

	/** A step of this process: not when it is dead, later when it is paused, and anything may happen before it. */
	#later(ms: number, step: () => void): void {
		const world = this.#world;
		world.line.after(ms, () => {
			if (!this.isAlive) return;
			if (world.line.now < this.pausedUntil) {
				this.#later(this.pausedUntil - world.line.now, step);
				return;
			}
			if (world.chance.is(world.weather.crash)) {
				world.crash(this);
				return;
			}
			if (world.chance.is(world.weather.pause)) {
				const ms = world.chance.is(0.5) ? world.chance.between(100, 10_000) : world.chance.between(14_000, 60_000);
				this.pausedUntil = world.line.now + ms;
				if (world.climate.freezes && world.chance.is(0.7)) this.#frozenMs += ms;
				this.#later(ms, step);
				return;
			}
			step();
		});
	}

	/** A message from the edge has arrived. */
	receive(message: EdgeMessage): void {
		this.#later(0, () => {
			if (message.type === "offer") this.#claim(message.commandId);
			if (message.type === "granted") this.#begin(message.command);
			if (message.type === "resultAck") {
				if (this.#results.get(message.commandId)?.fence === message.fence) this.#results.delete(message.commandId);
			}
			if (message.type === "cancel" && this.#work?.granted.id === message.commandId)
				this.#work.granted = { ...this.#work.granted, settle: true };
		});
	}

	#claim(commandId: string): void {
		if (this.#work === null) this.#world.toObject(this.id, { type: "claim", commandId, at: this.#clock() });
	}

	#begin(granted: GrantedCommand): void {
		if (this.#work !== null) {
			if (this.#work.granted.id === granted.id && this.#work.granted.fence === granted.fence && granted.settle)
				this.#work.granted = { ...this.#work.granted, settle: true };
			return;
		}
		if ((this.#seen.get(granted.id) ?? 0) >= granted.fence && !this.#world.rig.forgetsGrants) return;
		this.#seen.set(granted.id, granted.fence);
		this.#work = { granted, conflicts: 0, looks: 0, saidApplied: false };
		this.#progress("accepted");
		this.#look(this.#work);
	}

	#progress(stage: "accepted" | "applied" | "rolling"): void {
		const work = this.#work as Work;
		this.#world.toObject(this.id, {
			type: "progress",
			commandId: work.granted.id,
			fence: work.granted.fence,
			stage,
			pods: null,
			sentence: null,
			at: this.#clock(),
		});
	}

	/** Ask the API server; the answer may never come, and what was asked may still be done later. */
	#api<T>(ask: () => T, answered: (answer: T | "timeout") => void): void {
		const world = this.#world;
		let isOpen = true;
		const close = (answer: T | "timeout") => {
			if (!isOpen) return;
			isOpen = false;
			answered(answer);
		};
		this.#later(API_TIMEOUT_MS, () => close("timeout"));
		if (world.chance.is(world.weather.apiAway)) this.#apiAwayUntil = world.line.now + world.chance.between(2000, 40_000);
		if (world.line.now < this.#apiAwayUntil || world.chance.is(world.weather.apiLost)) return;
		world.line.after(world.apiDelay(), () => {
			const answer = ask();
			if (!world.chance.is(world.weather.apiLost)) this.#later(world.apiDelay(), () => close(answer));
		});
	}

	#look(work: Work): void {
		this.#api(
			() => this.#world.cluster.read(),
			(reading) => {
				if (reading === "timeout") this.#decide(work, "unreachable", null);
				else this.#decide(work, reading?.view ?? null, reading);
			},
		);
	}

	#decide(work: Work, sight: Sight, reading: Reading | null): void {
		const { granted } = work;
		const world = this.#world;
		const elapsedMs = this.#clock() - granted.askedAt;
		const next = world.machine.act(granted, sight, {
			agent: this.id,
			elapsedMs,
			conflicts: work.conflicts,
			patched: this.#patchedOnce.get(granted.id) ?? "no",
		});
		world.tell(
			() => `${this.id} after ${elapsedMs} ms of ${JSON.stringify(granted)} sees ${JSON.stringify(sight)}: ${JSON.stringify(next)}`,
		);
		world.acts[next.act] = (world.acts[next.act] ?? 0) + 1;
		switch (next.act) {
			case "apply": {
				const template = (reading as Reading).view.revisions.find(({ revision }) => revision === next.toRevision)?.hash as string;
				const decided = { granted, at: world.line.now, process: this.id };
				const patch = { resourceVersion: (reading as Reading).resourceVersion, mark: next.mark, template };
				this.#later(world.chance.between(0, 5), () =>
					this.#api(
						() => world.patchByAgent(patch, decided),
						(status) => {
							if (status === 200) this.#patchedOnce.set(granted.id, "yes");
							else if (status === "timeout" && !this.#patchedOnce.has(granted.id)) this.#patchedOnce.set(granted.id, "maybe");
							this.#patched(work, status, () => this.#look(work));
						},
					),
				);
				return;
			}
			case "barrier": {
				const patch = { resourceVersion: (reading as Reading).resourceVersion, mark: next.mark, template: null };
				this.#later(world.chance.between(0, 5), () =>
					this.#api(
						() => world.patchByAgent(patch, null),
						(status) =>
							this.#patched(work, status, () => this.#end(work, { applied: false, barrier: true, reason: next.then, isSuccess: false })),
					),
				);
				return;
			}
			case "watch":
				this.#watch(work, sight);
				return;
			case "rehearse":
				this.#end(work, { applied: false, barrier: false, reason: null, isSuccess: true });
				return;
			case "report":
				this.#end(work, { applied: next.applied, barrier: next.barrier, reason: next.reason, isSuccess: false });
				return;
			case "wait":
				this.#later(500, () => this.#look(work));
				return;
			case "snapshot":
			case "stop":
				if (world.climate.isRash && granted.claims > 1 && world.chance.is(0.3)) {
					const isSuccess = world.chance.is(0.2);
					this.#end(work, { applied: false, barrier: false, reason: "cluster_unreachable", isSuccess });
				}
				this.#work = null;
		}
	}

	#patched(work: Work, status: 200 | 403 | 404 | 422 | "timeout", then: () => void): void {
		if (status === 422) work.conflicts++;
		if (status === 200) then();
		else if (status === 403) this.#decide(work, "forbidden", null);
		else this.#look(work);
	}

	#watch(work: Work, sight: Sight): void {
		if (!work.saidApplied) {
			work.saidApplied = true;
			this.#progress("applied");
		} else this.#progress("rolling");
		work.looks++;
		const view = sight !== null && typeof sight === "object" ? sight : null;
		const isReady = view?.isObserved && !this.#world.cluster.isBroken(view.hash);
		if (isReady && work.looks > 1) this.#end(work, { applied: true, barrier: false, reason: null, isSuccess: true });
		else if (work.looks > LOOKS_MAX) this.#end(work, { applied: true, barrier: false, reason: "rollout_failed", isSuccess: false });
		else this.#later(this.#world.chance.between(500, 4000), () => this.#look(work));
	}

	#end(
		work: Work,
		{ applied, barrier, reason, isSuccess }: { applied: boolean; barrier: boolean; reason: FailureReason | null; isSuccess: boolean },
	): void {
		const { id, fence } = work.granted;
		this.#work = null;
		const result = { commandId: id, fence, applied, barrier, reason: isSuccess ? null : reason };
		this.#results.set(id, result);
		this.#later(this.#world.chance.between(0, 5), () => this.#send(result));
		this.#resend(result);
	}

	#send(result: Result): void {
		this.#world.toObject(this.id, {
			type: "result",
			...result,
			outcome: result.reason === null ? "succeeded" : "failed",
			message: "",
			revision: null,
			changes: [],
			durationMs: 0,
			at: this.#clock(),
		});
	}

	/** Say it again until it is acknowledged, or until there is a newer one. */
	#resend(result: Result): void {
		this.#later(5000, () => {
			if (this.#results.get(result.commandId) !== result) return;
			this.#send(result);
			this.#resend(result);
		});
	}
}
