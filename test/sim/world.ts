import type { AgentMessage, EdgeMessage, GrantedCommand } from "#worker/wire/agent";
import type { Command, WorkloadView } from "#worker/wire/rollback";
import { AgentProcess } from "./agent";
import { type Chance, chance, Timeline } from "./chance";
import { Cluster, type Patch } from "./cluster";
import { type Entry, EnvironmentObject } from "./object";

/** The production module, whole; or a copy of it with one guard less. */
export type Machine = typeof import("#worker/wire/rollback");

/** Guards that are the agent's own, outside of the machine, taken away one at a time. */
export type Rig = {
	/** Patches hold whatever was read: no compare-and-swap. */
	withoutTest?: boolean;
	/** A grant that comes twice is acted on twice. */
	forgetsGrants?: boolean;
	/** Told the story, for looking into a seed. */
	tell?: (line: string) => void;
};

export type Outcome = {
	seed: number;
	/** The first one, in words; null when everything held. */
	violation: string | null;
	commands: number;
	applies: number;
	takeovers: number;
	crashes: number;
	events: number;
	ended: Partial<Record<Command["state"], number>>;
	acts: Record<string, number>;
};

/** How bad it gets: probabilities per step or message, drawn anew for each seed. */
type Weather = {
	crash: number;
	pause: number;
	lost: number;
	doubled: number;
	late: number;
	misrouted: number;
	apiLost: number;
	apiLate: number;
	/** The API server is away for one agent for a while. */
	apiAway: number;
	storeFails: number;
	evict: number;
};
const CALM: Weather = {
	crash: 0,
	pause: 0,
	lost: 0,
	doubled: 0,
	late: 0,
	misrouted: 0,
	apiLost: 0,
	apiLate: 0,
	apiAway: 0,
	storeFails: 0,
	evict: 0,
};

/**
 * What may go wrong together. That a process which slept too long does no harm rests on the mark in the cluster, or on its clock: where
 * tools wipe marks the clocks are right, and where clocks stand still in sleep the marks stay. Against both at once nothing helps.
 */
type Climate = {
	/** Tools and people take marks away or bring old ones back. */
	wipes: boolean;
	/** Even before the controller has copied them to a ReplicaSet: then only the process itself knows what it did, so it must live. */
	wipesEarly: boolean;
	/** The clock of a process stands still while it sleeps, as of a suspended machine. */
	freezes: boolean;
	/** The workload is deleted and made again, often from an older manifest. */
	remakes: boolean;
	/** Agents that say no too early, as a careless one would: what the object must not believe. */
	isRash: boolean;
};

/** Faults cease after this; what is under way then has as long again to end. */
const STORM_MS = 420_000;
const END_MS = 2 * STORM_MS;
/** What was sent in the storm has arrived by then: the latest patch and the latest message, one after the other. */
const LATEST_MS = 100_000;
/** More happens in no story that makes progress. */
const EVENTS_MAX = 60_000;

/** Simulate one story: an environment, its object, agents on one cluster, and everybody else. */
export function simulate(machine: Machine, seed: number, rig: Rig = {}): Outcome {
	return new World(machine, seed, rig).play();
}

/** The world and its judge. It ends at the first thing that must never happen. */
export class World {
	readonly line = new Timeline();
	readonly chance: Chance;
	readonly cluster = new Cluster();
	readonly object: EnvironmentObject;
	readonly acts: Record<string, number> = {};
	agents: AgentProcess[] = [];
	weather: Weather;
	readonly climate: Climate;
	/** The cluster as it was last reported, which may be a while ago. */
	reported: { view: WorkloadView; incarnation: number; serial: number } | null = null;
	readonly knownBroken = new Set<string>();
	#violation: string | null = null;
	#processes = 0;
	#crashes = 0;
	#isStorm = true;
	#awayUntil = 0;
	/** How often others do something at most, and how much of that takes marks away. */
	readonly #elseMs: number;
	readonly #wipes: number;
	readonly #lastKeys: string[] = [];

	constructor(
		readonly machine: Machine,
		readonly seed: number,
		readonly rig: Rig,
	) {
		this.chance = chance(seed);
		const c = this.chance;
		const upTo = (most: number) => (c.is(0.3) ? 0 : c.next() * most);
		const dice = c.next();
		this.climate = {
			wipes: dice < 0.35,
			wipesEarly: dice < 0.07,
			freezes: dice > 0.6,
			remakes: c.is(0.1),
			isRash: dice > 0.35 && c.is(0.25),
		};
		// A trace lives as long as its ReplicaSet.
		if (this.climate.wipes) this.cluster.historyLimit = 100;
		this.#elseMs = c.one([8000, 30_000, 60_000]);
		this.#wipes = c.is(0.5) ? 0.9 : 0.15;
		this.weather = {
			crash: upTo(0.06),
			pause: upTo(0.08),
			lost: upTo(0.3),
			doubled: upTo(0.3),
			late: upTo(0.2),
			misrouted: upTo(0.1),
			apiLost: upTo(0.15),
			apiLate: upTo(0.2),
			apiAway: upTo(0.05),
			storeFails: upTo(0.05),
			evict: upTo(0.05),
		};
		if (this.climate.wipes) this.weather.pause = 0.02 + upTo(0.08);
		if (this.climate.wipesEarly) this.weather = { ...CALM, doubled: 0.2 };
		this.object = new EnvironmentObject(this);
	}

	play(): Outcome {
		const { line, chance: c } = this;
		this.cluster.create(this.cluster.newTemplate(false));
		for (let n = c.between(1, 2); n > 0; n--) {
			this.cluster.deploy(this.cluster.newTemplate(c.is(0.3)), { keepsAnnotations: true });
			this.cluster.sync();
		}
		for (let slot = c.between(2, 3); slot > 0; slot--) this.#start(slot);
		this.#every([1000, 8000], () => this.#report());
		this.#every([4000, 6000], () => this.object.offer());
		this.#everyWhileStorm([5000, 70_000], () => this.#click());
		this.#everyWhileStorm([500, this.#elseMs], () => this.#someoneElse());
		if (c.is(0.15)) line.after(c.between(10_000, 200_000), () => this.#goAway());
		if (c.is(0.3) && !this.climate.wipesEarly) this.#everyWhileStorm([20_000, 120_000], () => this.#forbid());
		line.after(STORM_MS, () => this.#clear());
		while (this.#violation === null && !this.#isAtRest() && line.step(END_MS))
			if (line.ran > EVENTS_MAX) this.violate("it never comes to rest");
		if (this.#violation === null) this.#judgeEnd();
		const { entries } = this.object;
		const ended: Outcome["ended"] = {};
		for (const { command } of entries) ended[command.state] = (ended[command.state] ?? 0) + 1;
		return {
			seed: this.seed,
			violation: this.#violation,
			commands: entries.length,
			applies: entries.reduce((sum, entry) => sum + entry.applies, 0),
			takeovers: entries.reduce((sum, entry) => sum + Math.max(0, entry.command.claims - 1), 0),
			crashes: this.#crashes,
			events: line.ran,
			ended,
			acts: this.acts,
		};
	}

	/** A line of the story, where somebody listens. */
	tell(line: () => string): void {
		this.rig.tell?.(`${(this.line.now / 1000).toFixed(3)} ${line()}`);
	}

	#tellCluster(who: string): void {
		this.tell(() => {
			const w = this.cluster.workload;
			return w
				? `${who}: template ${w.template}, seen ${w.hash} r${w.revision} ${w.observedGeneration}/${w.generation} rv${w.resourceVersion} ${w.isPaused ? "paused " : ""}mark ${JSON.stringify(w.mark)}`
				: `${who}: gone`;
		});
	}

	#isAtRest(): boolean {
		if (this.line.now < STORM_MS + LATEST_MS) return false;
		return !this.object.entries.some(({ command }) => this.machine.isActive(command.state));
	}

	// ——— what happens

	#every(between: [number, number], run: () => void): void {
		const again = () => {
			run();
			this.line.after(this.chance.between(...between), again);
		};
		this.line.after(this.chance.between(...between), again);
	}

	#everyWhileStorm(between: [number, number], run: () => void): void {
		const again = () => {
			if (!this.#isStorm) return;
			run();
			this.line.after(this.chance.between(...between), again);
		};
		this.line.after(this.chance.between(...between), again);
	}

	#start(slot: number): void {
		this.agents = this.agents.filter((agent) => agent.isAlive);
		this.agents.push(new AgentProcess(this, `p${++this.#processes}`, slot));
	}

	crash(agent: AgentProcess): void {
		agent.isAlive = false;
		this.#crashes++;
		const ms = this.chance.is(0.7) ? this.chance.between(50, 5000) : this.chance.between(5000, 60_000);
		const back = Math.max(ms, this.#awayUntil - this.line.now);
		this.line.after(this.#isStorm ? back : 0, () => this.#start(agent.slot));
	}

	/** No agent for longer than a deadline. */
	#goAway(): void {
		if (this.climate.wipesEarly) return;
		this.#awayUntil = this.line.now + this.chance.between(60_000, 200_000);
		for (const agent of this.agents) if (agent.isAlive) this.crash(agent);
	}

	/** What agents report of the cluster; templates whose pods do not get ready become known. */
	#report(): void {
		const { workload } = this.cluster;
		const reading = this.cluster.read();
		if (!workload || !reading || !this.cluster.isObserved()) return;
		if (this.reported?.view.hash === reading.view.hash && this.cluster.isBroken(reading.view.hash)) this.knownBroken.add(reading.view.hash);
		this.reported = { view: reading.view, incarnation: workload.incarnation, serial: workload.serial };
	}

	#click(): void {
		const { chance: c } = this;
		const old = this.#lastKeys.length > 0 && c.is(0.2) ? c.one(this.#lastKeys) : null;
		const key = old ?? `k${this.#lastKeys.length + 1}`;
		if (old === null) this.#lastKeys.push(key);
		const isRehearsal = c.is(0.15);
		this.object.request(key, isRehearsal);
		// A double click, a retried post, somebody else at the same moment.
		if (c.is(0.4)) this.line.after(c.between(0, 3000), () => this.object.request(key, isRehearsal));
		if (c.is(0.3)) {
			const other = `k${this.#lastKeys.length + 1}`;
			this.#lastKeys.push(other);
			this.line.after(c.between(0, 3000), () => this.object.request(other, false));
		}
		if (c.is(this.climate.wipes ? 0.6 : 0.3)) this.line.after(c.between(0, 30_000), () => this.object.cancel());
		if (c.is(0.05)) this.line.after(c.between(100_000, 140_000), () => this.object.cancel());
	}

	#someoneElse(): void {
		const { chance: c, cluster } = this;
		const { workload } = cluster;
		if (!workload) {
			cluster.create(cluster.newTemplate(c.is(0.3)));
			return;
		}
		if (this.climate.wipes && c.is(this.#wipes)) {
			this.#wipe(workload);
			return;
		}
		if (this.climate.remakes && c.is(0.4)) {
			this.#remake(workload);
			return;
		}
		const dice = c.next();
		if (dice < 0.3) cluster.deploy(cluster.newTemplate(c.is(0.5)), { keepsAnnotations: true });
		else if (dice < 0.5) cluster.scale();
		else if (dice < 0.97) cluster.setPaused(!workload.isPaused && c.is(0.6));
		else if (c.is(0.5)) cluster.create(c.is(0.5) ? workload.template : c.one(workload.sets).hash);
		else cluster.workload = null;
		this.#syncSoon("somebody");
	}

	/** Deleted, made again from an old manifest, and brought up to date: its revisions have the numbers of others. */
	#remake(workload: NonNullable<Cluster["workload"]>): void {
		const { chance: c, cluster } = this;
		cluster.create(c.one(workload.sets).hash);
		for (let n = c.between(0, 3); n > 0; n--) {
			cluster.deploy(cluster.newTemplate(c.is(0.3)), { keepsAnnotations: true });
			cluster.sync();
		}
		this.#syncSoon("remaker");
	}

	#wipe(workload: NonNullable<Cluster["workload"]>): void {
		const { chance: c, cluster } = this;
		if (!cluster.isObserved() && !this.climate.wipesEarly) return;
		const dice = c.next();
		if (dice < 0.1) cluster.deploy(cluster.newTemplate(c.is(0.5)), { keepsAnnotations: false });
		else if (dice < 0.9) cluster.deploy(workload.template, { keepsAnnotations: false });
		else cluster.undoByHand(c.one(workload.sets));
		this.#syncSoon("wiper");
	}

	#syncSoon(who: string): void {
		this.#tellCluster(who);
		const ms = this.chance.is(0.8) ? this.chance.between(2, 300) : this.chance.between(300, 20_000);
		this.line.after(this.#isStorm ? ms : 10, () => {
			this.cluster.sync();
			this.#tellCluster("controller");
		});
	}

	#forbid(): void {
		this.cluster.isForbidden = true;
		this.line.after(this.chance.between(1000, 60_000), () => {
			this.cluster.isForbidden = false;
		});
	}

	/** Faults cease: everybody lives, and what is said arrives. */
	#clear(): void {
		this.#isStorm = false;
		this.weather = CALM;
		this.cluster.isForbidden = false;
		this.cluster.sync();
		for (const agent of this.agents) agent.pausedUntil = 0;
	}

	apiDelay(): number {
		const { chance: c } = this;
		if (!c.is(this.weather.apiLate)) return c.between(1, 30);
		return c.is(0.6) ? c.between(300, 9000) : c.between(9000, 45_000);
	}

	#deliver(run: () => void): void {
		const { chance: c, weather } = this;
		if (c.is(weather.lost)) return;
		for (let copies = c.is(weather.doubled) ? 2 : 1; copies > 0; copies--)
			this.line.after(c.is(weather.late) ? c.between(500, 40_000) : c.between(5, 80), run);
	}

	toObject(agent: string, message: Extract<AgentMessage, { type: "claim" | "progress" | "result" }>): void {
		this.#deliver(() => this.object.receive(agent, message));
	}

	toAgent(id: string, message: EdgeMessage): void {
		this.#deliver(() => {
			// A socket that was taken over by a process started since, or by another one.
			const to = this.chance.is(this.weather.misrouted) ? this.chance.one(this.agents) : this.agents.find((agent) => agent.id === id);
			to?.receive(message);
		});
	}

	/** A patch of an agent arrives at the API server. `decided` is what a change of the template rests on. */
	patchByAgent(patch: Patch, decided: { granted: GrantedCommand; at: number; process: string } | null): 200 | 403 | 404 | 422 {
		const status = this.cluster.patch(patch, {
			withoutTest: this.rig.withoutTest ?? false,
			before: (workload) => {
				if (decided) this.#judgeApply(decided, patch.template as string, workload);
				else this.violate("a barrier changed the template");
			},
		});
		if (status === 200) this.#syncSoon(patch.template === null ? "barrier" : "rollback");
		return status;
	}

	// ——— what must never happen

	violate(what: string): void {
		this.tell(() => `VIOLATION: ${what}`);
		this.#violation ??= what;
	}

	#judgeApply(
		{ granted, at }: { granted: GrantedCommand; at: number },
		template: string,
		workload: NonNullable<Cluster["workload"]>,
	): void {
		const entry = this.object.entries.find(({ command }) => command.id === granted.id) as Entry;
		const { command } = entry;
		entry.applies++;
		entry.appliedIn = workload.incarnation;
		if (entry.applies > 1) this.violate(`${command.id} was carried out twice`);
		if (this.machine.isTerminal(command.state)) this.violate(`${command.id} was carried out although it was ${command.state}`);
		if (!command.changesCluster) this.violate(`the rehearsal ${command.id} changed the cluster`);
		if (workload.serial !== entry.seen.serial || workload.template !== workload.hash || workload.incarnation !== entry.seen.incarnation)
			this.violate(`${command.id} overwrote something newer than what was seen`);
		if (template !== entry.about.targetHash) this.violate(`${command.id} went to another template than the one it was meant for`);
		if (entry.knownBroken.has(template)) this.violate(`${command.id} went back to a template that was known to be broken`);
		if (workload.isPaused) this.violate(`${command.id} changed a paused workload`);
		if (granted.settle) this.violate(`${command.id} was begun after it was cancelled or given up`);
		if (at > command.deadlineAt && !this.climate.freezes) this.violate(`${command.id} was begun after its deadline`);
	}

	judgeRequest(): void {
		const { entries } = this.object;
		const active = entries.filter(({ command }) => this.machine.isActive(command.state));
		if (active.length > 1) this.violate("two commands are under way at once");
		if (new Set(entries.map(({ key }) => key)).size !== entries.length) this.violate("one key made two commands");
	}

	judgeGrant(
		entry: Entry,
		{ before, lastFence, agent, granted }: { before: Command; lastFence: number; agent: string; granted: GrantedCommand },
	): void {
		const { now } = this.line;
		const isNew = entry.command.claims !== before.claims;
		if (this.machine.isTerminal(before.state)) this.violate(`${granted.id} was granted although it was over`);
		if (isNew && granted.fence <= lastFence) this.violate(`the fence of ${granted.id} does not grow`);
		if (before.leaseUntil !== null && now < before.leaseUntil && before.holder !== agent)
			this.violate(`${granted.id} was granted to two at once`);
		if (!granted.settle && (before.state === "cancelling" || before.state === "unknown"))
			this.violate(`${granted.id} was granted for more than settling although it was ${before.state}`);
	}

	judgeTransition(entry: Entry, before: Command): void {
		const { command } = entry;
		this.tell(() => `object: ${JSON.stringify(command)}`);
		if (before.state === "succeeded" && command.state !== "succeeded") this.violate(`${command.id} succeeded, and then it did not`);
		if (command.state === "cancelling" && command.applied) this.violate(`${command.id} is being cancelled although it was carried out`);
		if (this.machine.isTerminal(before.state) && this.machine.isActive(command.state)) this.violate(`${command.id} was over and goes on`);
		if (before.applied && !command.applied) this.violate(`${command.id} forgot that it was carried out`);
		this.#judgeTruth(entry);
		if (this.machine.isTerminal(command.state) && (command.leaseUntil !== null || command.finishedAt === null))
			this.violate(`${command.id} is over and still held`);
	}

	/** What a command says of itself against what happened. What was done to a workload that is gone can't be known any more. */
	#judgeTruth({ command, applies, appliedIn }: Entry): void {
		if (command.applied && applies === 0) this.violate(`${command.id} says that it was carried out, and it was not`);
		if (!this.machine.isTerminal(command.state)) return;
		const isThere = applies > 0 && appliedIn === this.cluster.workload?.incarnation;
		if (command.state === "succeeded" && command.changesCluster && applies === 0)
			this.violate(`${command.id} succeeded without having been carried out`);
		if (!command.applied && command.state !== "succeeded" && isThere)
			this.violate(`${command.id} is ${command.state} and says that it was not carried out, but it was`);
	}

	/** Long after its deadline nobody may be told that a command still waits or is being worked on. */
	judgeDeadline({ command }: Entry): void {
		const isSilent = command.state === "pending" || command.state === "cancelling" || (command.state === "claimed" && !command.applied);
		if (isSilent && this.line.now > command.deadlineAt + 30_000) this.violate(`the deadline of ${command.id} passed unnoticed`);
	}

	judgeWake({ command }: Entry): void {
		const at = this.machine.nextWakeAt(command);
		if (at !== null && at <= this.line.now) this.violate(`the alarm of ${command.id} is never silent`);
	}

	#judgeEnd(): void {
		for (const entry of this.object.entries) {
			this.#judgeTruth(entry);
			if (this.machine.isActive(entry.command.state)) this.violate(`${entry.command.id} never ends: ${entry.command.state}`);
		}
	}
}
