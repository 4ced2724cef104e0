// What tests do to the API server's answers: hold them, fail them, lose them; and what they look up afterwards.
import type { Json } from "./objects.ts";

/** A request as it came in, and what it was answered. */
export type Request = {
	method: string;
	path: string;
	query: URLSearchParams;
	contentType: string;
	user: string;
	verb: string;
	/** The plural, with its subresource behind a slash; "" for what is no resource. */
	resource: string;
	namespace: string;
	name: string;
	body: Json;
	dryRun: boolean;
	/** 0 while it is not answered. */
	status: number;
};

export type Matches = (request: Request) => boolean;

/**
 * `status`: refuse with it. `reset`: cut the connection before anything is done. `lost`: do it, and cut the connection
 * instead of answering — the client cannot know.
 */
export type Fault = { status: number; message?: string; retryAfter?: number } | "reset" | "lost";

type Gate = {
	/** The first request that came to the gate. */
	arrived: Promise<Request>;
	/** Let it and all that follow go on. */
	open: () => void;
};

export class Hooks {
	readonly #faults: { left: number; fault: Fault; matches: Matches }[] = [];
	readonly #gates = new Set<{ matches: Matches; opened: Promise<void>; arrive: (request: Request) => void }>();

	/** Make the next `count` matching requests go wrong. */
	failNext(count: number, fault: Fault, matches: Matches = () => true): void {
		this.#faults.push({ left: count, fault, matches });
	}

	/** Hold matching requests, before anything is done, until the gate is opened. */
	hold(matches: Matches): Gate {
		let open: () => void = () => {};
		let arrive: (request: Request) => void = () => {};
		const opened = new Promise<void>((resolve) => {
			open = resolve;
		});
		const arrived = new Promise<Request>((resolve) => {
			arrive = resolve;
		});
		const gate = { matches, opened, arrive };
		this.#gates.add(gate);
		return {
			arrived,
			open: () => {
				this.#gates.delete(gate);
				open();
			},
		};
	}

	/** What is to go wrong with this request, once its gates are open. */
	async pass(request: Request): Promise<Fault | null> {
		for (const gate of [...this.#gates].filter(({ matches }) => matches(request))) {
			gate.arrive(request);
			await gate.opened;
		}
		const next = this.#faults.find(({ left, matches }) => left > 0 && matches(request));
		if (!next) return null;
		next.left -= 1;
		return next.fault;
	}
}
