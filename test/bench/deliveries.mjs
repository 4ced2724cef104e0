import { Connection } from "./load.mjs";
import { nextRunId, webhook } from "./webhooks.mjs";

const PHASES = ["requested", "in_progress", "completed"];

/** The deliveries of a kill test, and what is known of each: nothing, or that it was answered 2xx. */
export class Deliveries {
	#all = [];
	#url;

	/** About `total` deliveries: a third of the runs are told in two or three, in any order. */
	constructor({ url, path, total }) {
		this.#url = url;
		for (let n = 0; this.#all.length < total; n++) {
			const runId = nextRunId();
			const phases = n % 3 === 0 ? PHASES.slice(n % 2) : ["completed"];
			for (const phase of phases) this.#all.push({ ...webhook({ url, path, runId, phase }), isAnswered: false });
		}
		this.#all.sort(() => Math.random() - 0.5);
	}

	get size() {
		return this.#all.length;
	}

	/** The deliveries of one round. */
	share(round, rounds) {
		return this.#all.slice(Math.floor(((round - 1) * this.#all.length) / rounds), Math.floor((round * this.#all.length) / rounds));
	}

	/** Send, with a tenth repeated, and kill the server after so many answers; stops when nothing answers any more. */
	async send(share, { clients, killAfter, kill }) {
		const queue = share.flatMap((one, n) => (n % 10 === 0 ? [one, one] : [one]));
		let answered = 0;
		let killed = null;
		await this.#work(queue, clients, {
			isOver: () => killed !== null,
			onAnswer: () => {
				if (++answered === killAfter) killed = kill();
			},
		});
		await (killed ?? kill());
		return { answered, unknown: share.filter(({ isAnswered }) => !isAnswered).length };
	}

	/** Send again whatever has no answer yet, until all have one; three tries each. */
	async finish(share, clients) {
		for (let n = 0; n < 3; n++) {
			await this.#work(
				share.filter(({ isAnswered }) => !isAnswered),
				clients,
				{ isOver: () => false, onAnswer: () => {} },
			);
		}
	}

	/** Deliveries that were never answered 2xx. */
	unanswered() {
		return this.#all.filter(({ isAnswered }) => !isAnswered);
	}

	/** The runs that the deliveries speak of. */
	runIds() {
		return new Set(this.#all.map(({ runId }) => runId));
	}

	/** Some runs with the ids of all their deliveries. */
	sample(count) {
		const byRun = new Map();
		for (const { runId, deliveryId } of this.#all) byRun.set(runId, (byRun.get(runId) ?? new Set()).add(deliveryId));
		return [...byRun].slice(0, count);
	}

	async #work(queue, clients, { isOver, onAnswer }) {
		let next = 0;
		const work = async () => {
			const connection = new Connection(this.#url);
			while (next < queue.length && !isOver()) {
				const one = queue[next++];
				const answer = await connection.send(one.bytes).catch(() => null);
				if (!answer || answer.status < 200 || answer.status > 299) continue;
				one.isAnswered = true;
				onAnswer();
			}
			connection.close();
		};
		await Promise.all(Array.from({ length: clients }, work));
	}
}
