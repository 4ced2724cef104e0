/**
 * The live connection as a pure state machine: `step` takes what happened and answers the next state and what to do.
 * Time and chance come in; `nextDeadline` says when `step` wants to be called with a tick. Words: design brief, law 8.
 */

export type Phase = "catchingUp" | "live" | "reconnecting" | "polling" | "offline" | "signedOut";

export type Connection = {
	phase: Phase;
	socket: "closed" | "opening" | "open";
	/** A frame came through this socket. One that opens and says nothing counts as a failed try. */
	proven: boolean;
	/** Tries that failed since the last time something was heard. */
	failures: number;
	/** The last poll failed, so that the next one that succeeds is the end of an outage. */
	missedPoll: boolean;
	/** When the server was last heard, by socket or poll: what is on screen is as of then. Epoch ms. */
	heardAt: number;
	/** When the last hello went out, so that a burst of gaps asks once. */
	helloAt: number;
	connectAt: number | null;
	pingAt: number | null;
	/** An unanswered ping or an opening that takes too long ends here. */
	silentAt: number | null;
	ackAt: number | null;
	pollAt: number | null;
	/** Frames are missing and the last hello is too recent to repeat: ask again then, unless they come before. */
	gapAt: number | null;
	/** Catching up for longer than this is no longer worth the name. */
	catchUpBy: number | null;
};

export type Happening =
	| "start"
	| "opened"
	| "pong"
	| "frame"
	| "gap"
	| "closed"
	| "tick"
	| "polled"
	/** The server answered a poll, and not with what was asked for. */
	| "pollFailed"
	/** No answer at all came to a poll. */
	| "unreachable"
	| "unauthenticated"
	| "networkLost"
	| "networkFound"
	| "retry"
	| "stop";

/** What the driver is to do, in this order. After `disconnect` it reports nothing more of that socket. */
export type Act = "disconnect" | "connect" | "hello" | "ping" | "ack" | "poll";

export const PING_EVERY_MS = 5000;
/** A ping unanswered for this long, so 8 s after the last sound, is a dead socket. */
const PONG_WITHIN_MS = 3000;
const OPEN_WITHIN_MS = 8000;
const GREETED_WITHIN_MS = 8000;
/** Long enough for a first snapshot over a slow line, short enough that a server that cannot answer shows as one. */
const CATCH_UP_WITHIN_MS = 3000;
const ACK_EVERY_MS = 5000;
export const POLL_EVERY_MS = 15_000;
const POLL_AFTER_FAILURES = 3;
const BACKOFF_FIRST_MS = 1000;
const BACKOFF_MAX_MS = 30_000;
/** A second hello within this time would ask for what is already on its way. */
const HELLO_APART_MS = 2000;

/** A connection that has not begun; what is shown is as of `heardAt`. */
export function newConnection(heardAt: number): Connection {
	return {
		phase: "catchingUp",
		socket: "closed",
		proven: false,
		failures: 0,
		missedPoll: false,
		heardAt,
		helloAt: 0,
		connectAt: null,
		pingAt: null,
		silentAt: null,
		ackAt: null,
		pollAt: null,
		gapAt: null,
		catchUpBy: null,
	};
}

/** Full jitter: anything between nothing and 1, 2, 4 … 30 s, so that a thousand browsers do not come back together. */
export function backoffMs(failures: number, random: number): number {
	return random * Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** failures);
}

/** When `step` wants its next tick, epoch ms; null when nothing is waited for. */
export function nextDeadline({ connectAt, pingAt, silentAt, ackAt, pollAt, gapAt, catchUpBy }: Connection): number | null {
	const times = [connectAt, pingAt, silentAt, ackAt, pollAt, gapAt, catchUpBy].filter((at) => at !== null);
	return times.length === 0 ? null : Math.min(...times);
}

/** The next state after something happened, and what to do about it. */
export function step(
	c: Connection,
	happening: Happening,
	{ now, random }: { now: number; random: number },
): { next: Connection; acts: Act[] } {
	switch (happening) {
		case "start":
			return connect({ ...c, failures: 0, missedPoll: false, phase: "catchingUp" }, now);
		case "networkFound":
			return connect({ ...c, failures: 0, missedPoll: false, phase: c.phase === "signedOut" ? "signedOut" : "reconnecting" }, now);
		case "retry":
			// Someone asks, or the window woke: a working connection is left alone.
			return c.socket === "closed" ? connect({ ...c, phase: troubled(c.phase) }, now) : { next: c, acts: [] };
		case "opened":
			return {
				// Every hello is answered by a frame, if only to say that nothing was missed. A server that cannot answer is no use.
				next: {
					...c,
					...{ socket: "open", phase: "catchingUp", helloAt: now },
					...{ pingAt: now + PING_EVERY_MS, silentAt: now + GREETED_WITHIN_MS, catchUpBy: now + CATCH_UP_WITHIN_MS },
				},
				acts: ["hello"],
			};
		case "pong":
		case "frame":
			return { next: heard(c, happening, now), acts: [] };
		case "gap":
			if (c.socket !== "open") return { next: c, acts: [] };
			if (now - c.helloAt < HELLO_APART_MS) return { next: { ...c, gapAt: c.helloAt + HELLO_APART_MS }, acts: [] };
			return { next: { ...c, helloAt: now, gapAt: null }, acts: ["hello"] };
		case "closed":
			return lost(c, { now, random });
		case "tick":
			return tick(c, { now, random });
		case "polled":
			return polled(c, now);
		case "pollFailed":
		case "unreachable":
			return { next: pollMissed(c, happening, now), acts: [] };
		case "unauthenticated":
			return { next: { ...quiet(c), failures: 0, phase: "signedOut" }, acts: ["disconnect"] };
		case "networkLost":
			return { next: { ...quiet(c), phase: "offline" }, acts: ["disconnect"] };
		case "stop":
			return { next: quiet(c), acts: ["disconnect"] };
	}
}

function quiet(c: Connection): Connection {
	const nothingDue = { connectAt: null, pingAt: null, silentAt: null, ackAt: null, pollAt: null, gapAt: null, catchUpBy: null };
	return { ...c, ...nothingDue, socket: "closed", proven: false };
}

/** An answer to a poll may come after the socket is back, or after the connection was given up: then it changes nothing. */
function isTrying(c: Connection): boolean {
	return c.connectAt !== null || c.socket === "opening";
}

/** What a connection without a socket is called while it is tried again: the more exact word stays until something is known. */
function troubled(phase: Phase): Phase {
	return phase === "polling" || phase === "offline" || phase === "signedOut" ? phase : "reconnecting";
}

function polled(c: Connection, now: number): { next: Connection; acts: Act[] } {
	if (!isTrying(c)) return { next: c, acts: [] };
	const phase: Phase = c.failures >= POLL_AFTER_FAILURES ? "polling" : "reconnecting";
	const next = { ...pollAgain(c, now), heardAt: now, missedPoll: false, phase };
	// The server is back after an outage: the socket need not wait for its turn, which may be half a minute away.
	return c.missedPoll && c.socket === "closed" ? connect(next, now) : { next, acts: [] };
}

function pollMissed(c: Connection, how: "pollFailed" | "unreachable", now: number): Connection {
	if (!isTrying(c)) return c;
	// Neither sockets nor requests get through: whatever the browser says of its network, this page is offline.
	const isOffline = how === "unreachable" && c.failures >= POLL_AFTER_FAILURES;
	return { ...pollAgain(c, now), missedPoll: true, phase: isOffline ? "offline" : "reconnecting" };
}

function connect(c: Connection, now: number): { next: Connection; acts: Act[] } {
	return { next: { ...quiet(c), socket: "opening", silentAt: now + OPEN_WITHIN_MS, pollAt: c.pollAt }, acts: ["disconnect", "connect"] };
}

function heard(c: Connection, what: "pong" | "frame", now: number): Connection {
	// Pongs come from the edge of the server without waking it: until the first frame they prove nothing about the data.
	if (c.socket !== "open" || (what === "pong" && !c.proven)) return c;
	return {
		...c,
		phase: "live",
		proven: true,
		failures: 0,
		missedPoll: false,
		heardAt: now,
		silentAt: null,
		pollAt: null,
		catchUpBy: null,
		ackAt: what === "frame" ? (c.ackAt ?? now + ACK_EVERY_MS) : c.ackAt,
		gapAt: what === "frame" ? null : c.gapAt,
	};
}

function lost(c: Connection, { now, random }: { now: number; random: number }): { next: Connection; acts: Act[] } {
	if (c.socket === "closed") return { next: c, acts: [] };
	const failures = c.proven ? 0 : c.failures + 1;
	const next: Connection = {
		...quiet(c),
		phase: troubled(c.phase),
		failures,
		connectAt: now + backoffMs(failures, random),
		pollAt: failures >= POLL_AFTER_FAILURES ? (c.pollAt ?? now) : null,
	};
	// A refused upgrade does not tell a browser why. One question by HTTP does: 401 means the session ended.
	return { next, acts: failures === 1 ? ["disconnect", "poll"] : ["disconnect"] };
}

function pollAgain(c: Connection, now: number): Connection {
	return c.failures >= POLL_AFTER_FAILURES ? { ...c, pollAt: now + POLL_EVERY_MS } : c;
}

function tick(c: Connection, at: { now: number; random: number }): { next: Connection; acts: Act[] } {
	const { now } = at;
	if (due(c.silentAt, now)) return lost(c, at);
	let next = c;
	const acts: Act[] = [];
	if (due(c.connectAt, now)) {
		const opened = connect(next, now);
		next = opened.next;
		acts.push(...opened.acts);
	}
	if (due(next.catchUpBy, now)) next = { ...next, catchUpBy: null, phase: "reconnecting" };
	if (due(next.pingAt, now)) {
		next = { ...next, pingAt: now + PING_EVERY_MS, silentAt: next.silentAt ?? now + PONG_WITHIN_MS };
		acts.push("ping");
	}
	if (due(next.gapAt, now)) {
		next = { ...next, gapAt: null, helloAt: now };
		acts.push("hello");
	}
	if (due(next.ackAt, now)) {
		next = { ...next, ackAt: null };
		acts.push("ack");
	}
	if (due(next.pollAt, now)) {
		// Set again by the answer; until then one further period, should it never come.
		next = { ...next, pollAt: now + POLL_EVERY_MS };
		acts.push("poll");
	}
	return { next, acts };
}

function due(at: number | null, now: number): boolean {
	return at !== null && now >= at;
}
