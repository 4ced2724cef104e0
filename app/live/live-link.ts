import type { EnvironmentMessage, EnvironmentRequest, LiveMessage } from "#worker/wire/live";
import type { Position } from "./adopt.ts";
import { type Act, type Connection, type Happening, newConnection, nextDeadline, type Phase, step } from "./connection.ts";

/** What streams carry: a team's, or an environment's own. */
type Message = LiveMessage | EnvironmentMessage;

/** What a page gives the link: where it stands, and what to do with a frame. `gap` asks for what was missed. */
export type LivePage<M extends Message = LiveMessage> = {
	position: () => Position;
	receive: (message: M) => "ok" | "gap";
};

export type LiveStatus = {
	phase: Phase;
	heardAt: number;
	/** Where the page stands; null before any page attached. */
	seq: number | null;
	/** Whether a page listens. One whose data could not be loaded does not. */
	isWatched: boolean;
};

/** One live connection: runs the state machine of `connection.ts` against the browser. */
export type LiveLink<M extends Message = LiveMessage> = {
	status: () => LiveStatus;
	/** Called in the same tick in which something changed. */
	subscribe: (listener: () => void) => () => void;
	/** A page begins to listen; the connection lives as long as one does. */
	attach: (page: LivePage<M>) => () => void;
	/** Hears every frame, whichever page folds it. */
	hear: (listener: (message: M) => void) => () => void;
	/** Say something besides what keeps the stream going. Lost where no socket is open. */
	say: (request: EnvironmentRequest) => void;
	/** Every page that will attach for now has: whether one listens is known from here on. */
	settle: () => void;
	retry: () => void;
};

/** Make the link to a stream. Nothing is opened until a page attaches, so this is safe while rendering, on the server too. */
export function createLiveLink<M extends Message = LiveMessage>(path: string, loadedAt: number): LiveLink<M> {
	let connection: Connection = newConnection(loadedAt);
	// A page is about to attach: said from the start, so that the server's markup does not speak of its absence.
	let status: LiveStatus = { phase: connection.phase, heardAt: loadedAt, seq: null, isWatched: true };
	let page: LivePage<M> | null = null;
	let socket: WebSocket | null = null;
	let timer: ReturnType<typeof setTimeout> | undefined;
	const listeners = new Set<() => void>();
	const hearers = new Set<(message: M) => void>();

	function happen(happening: Happening): void {
		const { next, acts } = step(connection, happening, { now: Date.now(), random: Math.random() });
		connection = next;
		for (const act of acts) perform[act]();
		clearTimeout(timer);
		const deadline = nextDeadline(connection);
		if (deadline !== null) timer = setTimeout(() => happen("tick"), Math.max(0, deadline - Date.now()));
		publish();
	}

	function publish(): void {
		const seq = page?.position().seq ?? status.seq;
		const { phase, heardAt } = connection;
		const isWatched = page !== null;
		if (status.phase === phase && status.heardAt === heardAt && status.seq === seq && status.isWatched === isWatched) return;
		status = { phase, heardAt, seq, isWatched };
		for (const listener of listeners) listener();
	}

	/** What each act of the state machine is in a browser. */
	const perform: Record<Act, () => void> = {
		disconnect,
		connect,
		hello: () => send({ hello: page?.position().epoch ? pick(page.position()) : {} }),
		ack: () => send({ ack: page?.position().seq ?? 0 }),
		ping: () => {
			if (socket?.readyState === WebSocket.OPEN) socket.send("ping");
		},
		poll: () => void poll(),
	};

	function send(request: EnvironmentRequest): void {
		if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(request));
	}

	function disconnect(): void {
		if (!socket) return;
		socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
		socket.close();
		socket = null;
	}

	function connect(): void {
		const opening = new WebSocket(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${path}`);
		socket = opening;
		opening.onopen = () => happen("opened");
		opening.onclose = opening.onerror = () => happen("closed");
		opening.onmessage = ({ data }) => {
			if (data === "pong") happen("pong");
			else receive(String(data));
		};
	}

	function receive(text: string): void {
		const message = parse<M>(text);
		if (!message || !page) return;
		if (message.type === "bye") {
			happen(message.reason === "signedOut" ? "unauthenticated" : "closed");
			return;
		}
		const outcome = take(page, message);
		happen("frame");
		if (outcome === "gap") happen("gap");
	}

	function take(by: LivePage<M>, message: M): "ok" | "gap" {
		const outcome = by.receive(message);
		for (const hearer of hearers) hearer(message);
		return outcome;
	}

	async function poll(): Promise<void> {
		const asking = page;
		if (!asking) return;
		const { epoch, seq } = asking.position();
		try {
			const response = await fetch(`${path}/changes?since=${encodeURIComponent(`${epoch}.${seq}`)}`, {
				headers: { Accept: "application/json" },
				signal: AbortSignal.timeout(10_000),
			});
			if (page !== asking) return;
			if (response.status === 401) return happen("unauthenticated");
			const answer = response.ok ? parse<{ frames: M[] }>(await response.text()) : null;
			if (!answer) return happen("pollFailed");
			// A gap here closes itself: the next poll asks from where this page then stands.
			for (const frame of answer.frames) if (frame.type !== "bye") take(asking, frame);
			happen("polled");
		} catch {
			happen("unreachable");
		}
	}

	const online = () => happen("networkFound");
	const offline = () => happen("networkLost");
	const woke = () => {
		if (document.visibilityState === "visible" && navigator.onLine) happen("retry");
	};

	return {
		status: () => status,
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		hear(listener) {
			hearers.add(listener);
			return () => hearers.delete(listener);
		},
		attach(attached) {
			page = attached;
			window.addEventListener("online", online);
			window.addEventListener("offline", offline);
			document.addEventListener("visibilitychange", woke);
			happen(navigator.onLine ? "start" : "networkLost");
			return () => {
				window.removeEventListener("online", online);
				window.removeEventListener("offline", offline);
				document.removeEventListener("visibilitychange", woke);
				page = null;
				happen("stop");
			};
		},
		say: send,
		settle: publish,
		retry: () => happen(navigator.onLine ? "retry" : "networkLost"),
	};
}

function pick({ epoch, seq }: Position): Position {
	return { epoch, seq };
}

/** Our own server's JSON; null where a proxy put something else in its place. */
function parse<T>(text: string): T | null {
	try {
		return JSON.parse(text) as T;
	} catch {
		return null;
	}
}
