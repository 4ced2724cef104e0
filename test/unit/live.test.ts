import { describe, expect, test } from "vitest";
import { adopt, type Fold } from "../../app/live/adopt.ts";
import {
	type Act,
	backoffMs,
	type Connection,
	type Happening,
	newConnection,
	nextDeadline,
	type Phase,
	PING_EVERY_MS,
	POLL_EVERY_MS,
	step,
} from "../../app/live/connection.ts";
import { modulesBelow } from "../../app/live/pages-ahead.ts";
import { figuresOf, verdictOf } from "../../app/panels/runs/figures.ts";
import { heldRows, isSameOrder, waitingRuns } from "../../app/panels/runs/held-rows.ts";
import type { Overview } from "../../worker/domains/runs/overview.ts";
import { DAY_MS, emptyTally, HOUR_MS } from "../../worker/domains/runs/tally.ts";
import type { Change, RunRow, Tally } from "../../worker/wire/live.ts";

const START = Date.UTC(2026, 10, 20, 3, 14, 0);

/** Plays a story of happenings and remembers what the machine wanted done. */
function play(story: readonly (Happening | number)[], random = 1) {
	let now = START;
	let connection: Connection = newConnection(START);
	let acts: Act[] = [];
	const all: Act[] = [];
	const happen = (happening: Happening) => {
		const outcome = step(connection, happening, { now, random });
		connection = outcome.next;
		acts = outcome.acts;
		all.push(...acts);
	};
	for (const part of story) {
		if (typeof part === "string") {
			happen(part);
			continue;
		}
		// Time passes as in a browser: the machine is called at each deadline on the way.
		const end = now + part;
		for (let at = nextDeadline(connection); at !== null && at <= end; at = nextDeadline(connection)) {
			now = Math.max(now, at);
			happen("tick");
		}
		now = end;
	}
	return { connection, acts, all, now };
}

const LIVE = ["start", "opened", "frame"] as const;
/** A refused try and the wait for the next one. */
const REFUSED = ["closed", 4000] as const;

/** Three refused tries, and polls that get no answer either. */
const DOWN = [...REFUSED, ...REFUSED, "closed", 0, "unreachable"] as const;

describe("pages fetched ahead", () => {
	test("are those of the team, at any depth, and no others", () => {
		const route = (id: string, parentId?: string) => ({ id, module: `/${id}.js`, ...(parentId === undefined ? {} : { parentId }) });
		const routes = [route("root"), route("login", "root"), route("team", "root"), route("settings", "team"), route("keys", "settings")];
		const manifest = { routes: Object.fromEntries(routes.map((each) => [each.id, each])) };
		expect(modulesBelow(manifest, "team")).toEqual(["/settings.js", "/keys.js"]);
	});
});

describe("the words of the connection", () => {
	test.each<[string, readonly (Happening | number)[], Phase]>([
		["before anything was heard", ["start"], "catchingUp"],
		["an open socket that has said nothing yet", ["start", "opened"], "catchingUp"],
		["a first frame", LIVE, "live"],
		["a pong before the first frame proves nothing", ["start", "opened", "pong"], "catchingUp"],
		["a first frame that takes too long", ["start", "opened", 3000], "reconnecting"],
		["a lost socket", [...LIVE, "closed"], "reconnecting"],
		["a socket back again, until it says what was missed", [...LIVE, "closed", 2000, "opened"], "catchingUp"],
		["a socket back again and greeted", [...LIVE, "closed", 2000, "opened", "frame"], "live"],
		["an answered ping", [...LIVE, PING_EVERY_MS, "pong", 2999], "live"],
		["an unanswered ping, three seconds later", [...LIVE, PING_EVERY_MS, 3000], "reconnecting"],
		["two refused sockets and an answered poll", ["start", ...REFUSED, "closed", "polled"], "reconnecting"],
		["three refused sockets and an answered poll", ["start", ...REFUSED, ...REFUSED, "closed", 0, "polled"], "polling"],
		["polls that fail too", ["start", ...REFUSED, ...REFUSED, "closed", 0, "polled", "pollFailed"], "reconnecting"],
		["a socket at last, after polling", ["start", ...REFUSED, ...REFUSED, "closed", 0, "polled", 8000, "opened", "frame"], "live"],
		["no network", [...LIVE, "networkLost"], "offline"],
		["no network, and a late poll", [...LIVE, "networkLost", "polled"], "offline"],
		["network again", [...LIVE, "networkLost", "networkFound"], "reconnecting"],
		["no answer by socket nor by poll", ["start", ...REFUSED, ...REFUSED, "closed", 0, "unreachable"], "offline"],
		["no answer to the first poll, before three sockets failed", ["start", "closed", "unreachable"], "reconnecting"],
		["no answer, and sockets go on failing", ["start", ...REFUSED, ...REFUSED, "closed", 0, "unreachable", 60_000], "offline"],
		["no answer, then a server that answers with an error", ["start", ...DOWN, POLL_EVERY_MS, "pollFailed"], "reconnecting"],
		["no answer, then a socket that opens and greets", ["start", ...DOWN, "retry", "opened", "frame"], "live"],
		["no answer, then a poll that is answered, while the socket is tried", ["start", ...DOWN, POLL_EVERY_MS, "polled"], "polling"],
		["an ended session, and someone wakes the window", [...LIVE, "unauthenticated", "retry"], "signedOut"],
		["an ended session, and the socket is refused again", [...LIVE, "unauthenticated", "retry", "closed"], "signedOut"],
		["signed in again elsewhere", [...LIVE, "unauthenticated", "retry", "opened", "frame"], "live"],
		["an ended session", [...LIVE, "unauthenticated"], "signedOut"],
		["an ended session, and someone wakes the window an hour later", [...LIVE, "unauthenticated", 3_600_000], "signedOut"],
	])("%s", (_what, story, expected) => {
		expect(play(story).connection.phase).toBe(expected);
	});

	test("what is shown is as of the last sound, not of the last try", () => {
		const { connection } = play([...LIVE, 2000, "pong", 1000, "closed", 5000]);
		expect(connection.heardAt).toBe(START + 2000);
	});
});

describe("what the connection does", () => {
	test.each<[string, readonly (Happening | number)[], Act[]]>([
		["a page opens the socket", ["start"], ["disconnect", "connect"]],
		["an open socket says hello", ["start", "opened"], ["hello"]],
		["a gap right after the hello waits for its answer", ["start", "opened", "gap"], []],
		["a gap later asks again", [...LIVE, 2000, "gap"], ["hello"]],
		["a gap without a socket asks nothing", [...LIVE, "closed", "gap"], []],
		["a lost proven socket is closed and tried again later", [...LIVE, "closed"], ["disconnect"]],
		["a refused socket asks by HTTP why", ["start", "closed"], ["disconnect", "poll"]],
		["a second close of the same socket is nothing new", [...LIVE, "closed", "closed"], []],
		["Retry opens at once", [...LIVE, "closed", "retry"], ["disconnect", "connect"]],
		["Retry leaves a working socket alone", [...LIVE, "retry"], []],
		["leaving closes the socket", [...LIVE, "stop"], ["disconnect"]],
		["a poll's answer after the socket is back changes nothing", [...LIVE, "polled"], []],
	])("%s", (_what, story, expected) => {
		expect(play(story).acts).toEqual(expected);
	});

	test("the first poll that is answered after an outage tries the socket at once, later ones wait for their turn", () => {
		// Down for long: the wait for the next socket is 30 s by now.
		const outage = ["start", ...DOWN, "retry", "closed", "retry", "closed", "retry", "closed"] as const;
		const back = play([...outage, POLL_EVERY_MS, "polled"]);
		expect(back.acts).toEqual(["disconnect", "connect"]);
		expect(back.connection).toMatchObject({ socket: "opening", phase: "polling" });
		expect(play([...outage, POLL_EVERY_MS, "polled", "closed", "polled"]).acts).toEqual([]);
	});

	test("a gap that was held back asks two seconds after the hello, unless a frame comes first", () => {
		const helloes = (story: readonly (Happening | number)[]) => play(story).all.filter((act) => act === "hello").length;
		expect(helloes(["start", "opened", "gap", 1999])).toBe(1);
		expect(helloes(["start", "opened", "gap", 2000])).toBe(2);
		expect(helloes(["start", "opened", "gap", "frame", 2500])).toBe(1);
	});

	test("frames are acknowledged once in five seconds, however many came", () => {
		const busy = Array.from({ length: 40 }, () => ["frame", 100] as const).flat();
		expect(play([...LIVE, ...busy]).all.filter((act) => act === "ack")).toHaveLength(0);
		expect(play([...LIVE, ...busy, 1000]).all.filter((act) => act === "ack")).toHaveLength(1);
	});

	test("with sockets refused the page polls every 15 s, whether polls succeed or not", () => {
		for (const answer of ["polled", "pollFailed"] as const) {
			const { all } = play(["start", ...REFUSED, ...REFUSED, "closed", 0, answer, POLL_EVERY_MS, answer, POLL_EVERY_MS]);
			// One by which the first refusal asks why, one as the third fails, two as time goes on.
			expect(all.filter((act) => act === "poll")).toHaveLength(4);
		}
	});

	test("nothing is waited for after leaving, signing out or losing the network", () => {
		for (const end of ["stop", "unauthenticated", "networkLost"] as const) {
			expect(nextDeadline(play([...LIVE, end]).connection)).toBeNull();
		}
	});

	test("a socket that never opens is given up", () => {
		const { connection, all } = play(["start", 8000]);
		expect(connection).toMatchObject({ socket: "closed", failures: 1 });
		expect(all).toEqual(["disconnect", "connect", "disconnect", "poll"]);
	});

	test("a lost socket is tried again within two seconds, so that the loss is never hidden by the wait", () => {
		const { connection, now } = play([...LIVE, "closed"]);
		expect((connection.connectAt ?? Number.POSITIVE_INFINITY) - now).toBeLessThanOrEqual(2000);
	});

	test.each([
		[0, 1, 1000],
		[1, 1, 2000],
		[2, 0.5, 2000],
		[4, 1, 16_000],
		[5, 1, 30_000],
		[50, 1, 30_000],
		[3, 0, 0],
	])("after %d failures and a throw of %d the wait is %d ms", (failures, random, expected) => {
		expect(backoffMs(failures, random)).toBe(expected);
	});
});

describe("fresh page data", () => {
	type Count = { epoch: string; seq: number; n: number };
	const fold: Fold<Count> = (state, message) => {
		if (message.type !== "change" || message.prev !== state.seq) return { state, needs: "hello" };
		return { state: { ...state, seq: message.seq, n: state.n + message.runs.length }, needs: "nothing" };
	};
	const frame = (prev: number, seq: number, epoch = "e"): Change => ({
		...{ type: "change", epoch, prev, seq, at: START, tallies: [] },
		runs: [row(`r${seq}`)],
	});
	const at = (seq: number, n: number, epoch = "e"): Count => ({ epoch, seq, n });

	test.each<[string, Count, Count, Change[], Count | null]>([
		["newer than what is shown is taken", at(3, 3), at(5, 5), [], at(5, 5)],
		["as new as what is shown is taken", at(5, 0), at(5, 5), [], at(5, 5)],
		["frames that came meanwhile are folded onto it", at(5, 9), at(3, 3), [frame(2, 3), frame(3, 4), frame(4, 5)], at(5, 5)],
		["frames it already holds are not counted twice", at(5, 5), at(5, 5), [frame(3, 4), frame(4, 5)], at(5, 5)],
		["older, and the frames between are gone: refused", at(9, 9), at(3, 3), [frame(7, 8), frame(8, 9)], null],
		["frames connect only in part: refused while that is behind", at(6, 6), at(3, 3), [frame(3, 4), frame(5, 6)], null],
		["another epoch replaces whatever number is shown", at(900, 9), at(2, 2, "f"), [frame(899, 900)], at(2, 2, "f")],
		["frames of another epoch do not count", at(2, 2, "f"), at(2, 2, "f"), [frame(2, 3, "e")], at(2, 2, "f")],
	])("%s", (_what, current, fresh, recent, expected) => {
		expect(adopt(current, fresh, recent, fold)).toEqual(expected);
	});
});

describe("rows that are held still", () => {
	const [a, b, c, d] = ["a", "b", "c", "d"].map((id) => row(id)) as [RunRow, RunRow, RunRow, RunRow];
	const failedB = row("b", { status: "failure" });

	test("keep their places and tell the newest truth", () => {
		expect(heldRows([a, b], [d, c, failedB, a])).toEqual([a, failedB]);
	});

	test("a row that left the list keeps what was last known of it", () => {
		expect(heldRows([a, b], [d, c, b])).toEqual([a, b]);
	});

	test.each<[string, RunRow[], RunRow[], number]>([
		["nothing new", [a, b], [a, b], 0],
		["a changed run is not a new one", [a, b], [a, failedB], 0],
		["two new ones", [a, b], [d, c, a, b], 2],
		["fewer than before", [a, b], [b], 0],
	])("behind the pill: %s", (_what, shown, runs, expected) => {
		expect(waitingRuns(shown, runs)).toHaveLength(expected);
	});

	test.each<[RunRow[], RunRow[], boolean]>([
		[[a, b], [a, failedB], true],
		[[a, b], [b, a], false],
		[[a, b], [a, b, c], false],
		[[], [], true],
	])("only the same order may be taken over at once (%#)", (shown, runs, expected) => {
		expect(isSameOrder(shown, runs)).toBe(expected);
	});
});

describe("the headline figures", () => {
	const plain = (text: string | null | undefined) => text?.replaceAll("\u202f", "_") ?? null;
	const figures = (facts: Partial<Overview>) => {
		const [rate, total, average, failed] = figuresOf(overview(facts), START);
		return { rate: rate!, total: total!, average: average!, failed: failed! };
	};

	test("an empty team has no rate and no duration, and zero runs", () => {
		const { rate, total, average, failed } = figures({});
		expect([rate.value, total.value, average.value, failed.value]).toEqual([null, "0", null, "0"]);
		expect([rate.delta, total.delta, average.delta]).toEqual([null, null, null]);
		expect(failed.delta).toEqual({ arrow: "→", amount: "no change", sense: "neutral", before: "0" });
	});

	test("cancelled and unfinished runs count as runs and not against the rate", () => {
		const { rate, total } = figures({ buckets: [bucket(1, { success: 3, failure: 1, cancelled: 4, running: 2, queued: 1 })] });
		expect([rate.value, rate.how]).toEqual(["75.0", "3 passed of 4 that passed or failed"]);
		expect(total.value).toBe("11");
	});

	test.each<[string, Partial<Tally>, Partial<Tally>, [string, string, string, string | null]]>([
		["a better rate", { success: 9, failure: 1 }, { success: 8, failure: 2 }, ["↗", "10.0_pts", "better", "80.0_%"]],
		["a worse rate", { success: 8, failure: 2 }, { success: 9, failure: 1 }, ["↘", "10.0_pts", "worse", "90.0_%"]],
		["too little to write", { success: 9999, failure: 1 }, { success: 9998, failure: 2 }, ["→", "no change", "neutral", "99.980_%"]],
	])("%s", (_what, now, before, [arrow, amount, sense, previous]) => {
		const { delta } = figures({ buckets: [bucket(1, now)], previous: tally(before) }).rate;
		expect(delta && { ...delta, amount: plain(delta.amount), before: plain(delta.before) }).toEqual({
			...{ arrow, amount, sense, before: previous },
		});
	});

	test("more runs are neither good nor bad; longer ones are worse", () => {
		const { total, average } = figures({
			buckets: [bucket(1, { success: 3, durationSum: 360_000, durationCount: 3 })],
			previous: tally({ success: 2, durationSum: 120_000, durationCount: 2 }),
		});
		expect(total.delta).toMatchObject({ arrow: "↗", sense: "neutral", before: "2" });
		expect([average.value, average.delta?.sense, average.delta?.arrow]).toEqual(["2m 00s", "worse", "↗"]);
	});

	test("hours without a finished run are gaps in the course, not zeros", () => {
		const { rate } = figures({ buckets: [bucket(3, { success: 1 }), bucket(2, {}), bucket(1, { failure: 1 })] });
		expect(rate.points).toEqual([1, null, 0]);
	});

	test("the hour that is still filling is no collapse of the number of runs", () => {
		const buckets = [bucket(3, { success: 5 }), bucket(2, { success: 6 }), bucket(1, { success: 5 }), bucket(0, { success: 1 })];
		const { total } = figures({ buckets, view: { ...overview({}).view, groupBy: "hour" } });
		expect(total.points).toEqual([5, 6, 5]);
		expect(total.value).toBe("17");
	});

	test("a month of hours is drawn with as many points as can be seen, and none is lost", () => {
		const buckets = Array.from({ length: 719 }, (_, n) => bucket(719 - n, { success: 1 }));
		const { total } = figures({ buckets, view: { ...overview({}).view, groupBy: "hour" } });
		expect(total.points.length).toBeLessThanOrEqual(48);
		expect(total.points.reduce<number>((sum, point) => sum + (point ?? 0), 0)).toBe(719);
	});

	test.each<[string, [hoursAgo: number, Partial<Tally>][], string, string]>([
		["nothing ran", [[30, { failure: 3 }]], "No runs in the last 24_h", "unknown"],
		["nothing failed", [[1, { success: 3 }]], "All quiet: no failed run in the last 24_h", "quiet"],
		["one failed, none before", [[1, { failure: 1 }]], "1 failed run in the last 24_h, 1 more than the day before", "failing"],
		[
			"as many",
			[
				[1, { failure: 2 }],
				[26, { failure: 2 }],
			],
			"2 failed runs in the last 24_h, as many as the day before",
			"failing",
		],
		[
			"fewer",
			[
				[0, { failure: 2 }],
				[47, { failure: 5 }],
			],
			"2 failed runs in the last 24_h, 3 fewer than the day before",
			"failing",
		],
		[
			"the 25th hour is the day before",
			[
				[23, { failure: 1 }],
				[24, { failure: 1 }],
			],
			"1 failed run in the last 24_h, as many as the day before",
			"failing",
		],
	])("the verdict: %s", (_what, hours, sentence, tone) => {
		const verdict = verdictOf(overview({ hours: hours.map(([ago, facts]) => bucket(ago, facts)) }), START);
		expect({ ...verdict, sentence: plain(verdict.sentence) }).toEqual({ sentence, tone });
	});
});

function row(id: string, facts: Partial<RunRow> = {}): RunRow {
	return {
		...{ id, source: "github", attempt: 1, repo: "acme/web", workflow: "ci", branch: "main", status: "success" },
		...{ startedAt: START, finishedAt: START + 60_000, durationMs: 60_000, triggeredBy: "push", actor: "mruiz" },
		...{ commit: null, url: null, error: null, orderedAt: START },
		...facts,
	};
}

function tally(facts: Partial<Tally>): Tally {
	return { ...emptyTally(), ...facts };
}

function bucket(hoursAgo: number, facts: Partial<Tally>) {
	return { at: Math.floor(START / HOUR_MS) * HOUR_MS - hoursAgo * HOUR_MS, tally: tally(facts) };
}

function overview(facts: Partial<Overview>): Overview {
	const view = { from: START - 30 * DAY_MS, to: null, groupBy: "day" as const, repos: [], workflows: [] };
	return { epoch: "e", seq: 1, at: START, view, buckets: [], previous: emptyTally(), hours: [], runs: [], ...facts };
}
