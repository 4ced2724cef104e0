import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { IntegrationReport } from "#worker/domains/integrations/model";
import { askedAct, searchForAct } from "../../app/panels/integrations/acts.ts";
import { notificationsPatch } from "../../app/panels/integrations/argocd.ts";
import { addressOf, commandFor, forwardCall, isLoopback, stepsFor, testCallFor } from "../../app/panels/integrations/setup.ts";
import {
	arrivalOf,
	freeName,
	healthOf,
	lagWords,
	rateWords,
	removalOf,
	replayWords,
	resultsOf,
	slotWords,
} from "../../app/panels/integrations/words.ts";
import { progressAfter } from "../../app/panels/settings/demo-removal.ts";

const NOW = Date.UTC(2026, 10, 20, 3, 14, 2);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** As people read it: the narrow spaces between figures and units are ordinary here. */
const plain = (text: string) => text.replaceAll("\u202f", " ");

function report(
	changes: Partial<Omit<IntegrationReport, "counts">> & { counts?: Partial<IntegrationReport["counts"]> } = {},
): IntegrationReport {
	const { counts, ...rest } = changes;
	return {
		...{ id: "t1-abc", source: "github", name: "acme on GitHub", isDemo: false, isDisabled: false, createdAt: NOW - DAY },
		...{ path: "/webhooks/github/t1-abc", lastAt: null, lastEvent: null, lastRejectedAt: null, perHour: null, lagMs: null },
		secretSlots: [{ slot: 0, createdAt: NOW - DAY, expiresAt: null }],
		...rest,
		counts: { accepted: 0, duplicate: 0, ignored: 0, dead: 0, conflict: 0, rejected: 0, ...counts },
	};
}

describe("how an integration is doing", () => {
	test.each([
		["has never sent anything", report(), "Waiting", "Waiting for the first event."],
		[
			"sends",
			report({ lastAt: NOW - 4 * MINUTE, lastEvent: "workflow_run", counts: { accepted: 3 } }),
			"Receiving",
			"Last event: workflow_run, 4 min ago.",
		],
		[
			"has been quiet for a weekend",
			report({ lastAt: NOW - 3 * DAY + MINUTE, lastEvent: "push" }),
			"Receiving",
			"Last event: push, 2 d 23 h ago.",
		],
		[
			"has been quiet for longer",
			report({ lastAt: NOW - 3 * DAY, lastEvent: "push" }),
			"Silent for 3 d",
			"Nothing has come for 3 d 0 h. Look at the recent deliveries on the sender's side.",
		],
		[
			"signs with another secret",
			report({ lastAt: NOW - DAY, lastRejectedAt: NOW - MINUTE, counts: { accepted: 9, rejected: 12 } }),
			"Refusing",
			"12 deliveries with a wrong signature, the last 1 min ago. Check the secret on both sides.",
		],
		[
			"has only ever signed wrongly",
			report({ lastRejectedAt: NOW - 2000, counts: { rejected: 1 } }),
			"Refusing",
			"1 delivery with a wrong signature, the last 2 s ago. Check the secret on both sides.",
		],
		[
			"signed wrongly before it signed well",
			report({ lastAt: NOW - 1000, lastEvent: "ping", lastRejectedAt: NOW - MINUTE, counts: { ignored: 1, rejected: 1 } }),
			"Receiving",
			"Last event: ping, 1 s ago.",
		],
		["has no secret", report({ secretSlots: [] }), "Refusing", "It has no active secret, so every delivery is refused. Rotate the secret."],
		[
			"is switched off, whatever else",
			report({ isDisabled: true, lastRejectedAt: NOW, secretSlots: [] }),
			"Disabled",
			"Every delivery is refused until it is enabled again.",
		],
	])("one that %s", (_what, what, word, sentence) => {
		const health = healthOf(what, NOW);
		expect([plain(health.word), plain(health.sentence)]).toEqual([word, sentence]);
	});
});

test.each([
	["nothing yet", report(), false, "Waiting for the first event…"],
	["a ping", report({ lastAt: NOW - 3000, lastEvent: "ping", counts: { ignored: 1 } }), true, "First event received 3 s ago: ping"],
	[
		"more since",
		report({ lastAt: NOW - 3000, lastEvent: "workflow_run", counts: { ignored: 1, accepted: 1 } }),
		true,
		"Connected. Last event received 3 s ago: workflow_run",
	],
])("the waiting line: %s", (_what, what, isHere, sentence) => {
	const arrival = arrivalOf(what, NOW);
	expect([arrival.isHere, plain(arrival.sentence)]).toEqual([isHere, sentence]);
});

test("counts name only what happened, and accepted always", () => {
	expect(resultsOf(report().counts).map(({ words }) => words)).toEqual(["0 accepted"]);
	expect(resultsOf(report({ counts: { accepted: 12_400, ignored: 2, rejected: 1 } }).counts).map(({ words }) => words)).toEqual([
		"12.4k accepted",
		"2 not used",
		"1 refused",
	]);
});

test.each([
	[null, "—"],
	[0.2, "under 1 per hour"],
	[4.04, "4 per hour"],
	[4.25, "4.3 per hour"],
	[120.4, "120 per hour"],
])("%s an hour reads %s", (perHour, words) => expect(plain(rateWords(perHour))).toBe(words));

test("one that nobody named is called like its sender, once", () => {
	expect(freeName("github", [])).toBe("GitHub");
	expect(freeName("github", ["github", "GitHub 2", "GitLab"])).toBe("GitHub 3");
});

test("lag and secrets in words", () => {
	expect([lagWords(null), plain(lagWords(2400))]).toEqual(["—", "2 s"]);
	expect(plain(slotWords({ slot: 0, createdAt: NOW - 2 * DAY, expiresAt: null }, NOW))).toBe("Made 2 d 0 h ago, current");
	expect(plain(slotWords({ slot: 1, createdAt: NOW - MINUTE, expiresAt: NOW + DAY }, NOW))).toBe("Made 1 min ago, works 1 d 0 h longer");
});

test("removing tells in numbers what goes and what stays", () => {
	expect(removalOf(report({ counts: { accepted: 1300, ignored: 66 } }))).toEqual([
		"Deliveries to its address are refused from then on.",
		"1 secret stops working.",
		"It has taken 1,366 deliveries; the runs they brought stay.",
	]);
	expect(removalOf(report()).at(-1)).toBe("It has taken no deliveries.");
});

test.each([
	[{ replayed: 2, failed: [] }, "2 deliveries applied."],
	[{ replayed: 0, failed: [{ reason: "Its body is gone." }] }, "1 delivery could not be applied: Its body is gone."],
	[{ replayed: 1, failed: [{ reason: "no id" }] }, "1 delivery applied. 1 delivery could not be applied: no id."],
	[{ replayed: 0, failed: [] }, "There was nothing to replay."],
])("what came of a replay: %o", (answer, words) => expect(replayWords(answer)).toBe(words));

describe("connecting", () => {
	const url = addressOf("https://ops.example.dev", { path: "/webhooks/github/t1-abc" });

	test("the address is under this installation's own origin", () => expect(url).toBe("https://ops.example.dev/webhooks/github/t1-abc"));

	test.each(["github", "gitlab", "argocd", "cdevents", "alertmanager", "generic"])(
		"%s: every value to take along can be copied, and the secret is masked",
		(source) => {
			const copies = stepsFor({ source, url, secret: "s3cret" }).flatMap(({ copy }) => copy ?? []);
			expect(copies.some(({ value }) => value.includes(url))).toBe(true);
			expect(copies.filter(({ value }) => value === "s3cret")).toEqual([expect.objectContaining({ isSecret: true })]);
		},
	);

	test.each(["github", "gitlab", "argocd", "cdevents", "alertmanager", "generic"])(
		"%s: later the steps say where the secret went",
		(source) => {
			const steps = stepsFor({ source, url, secret: null });
			expect(steps.some(({ text }) => text.includes("rotate it to get another"))).toBe(true);
			const calls = [...steps.map(({ copy }) => copy?.value), commandFor({ source, url, secret: null })?.value];
			expect([...calls, testCallFor({ source, url, secret: null })].join("\n")).not.toContain("null");
		},
	);

	test("GitHub's own words", () => {
		const text = stepsFor({ source: "github", url, secret: "s" })
			.map((step) => step.text)
			.join("\n");
		for (const words of [
			"Settings → Webhooks → Add webhook",
			"Payload URL",
			"application/json",
			"Let me select individual events",
			"Active",
		]) {
			expect(text).toContain(words);
		}
		expect(forwardCall({ source: "github", url, secret: "s" })).toContain("workflow_run,workflow_job,push,deployment,deployment_status");
	});

	test("what Argo CD is told is what is shipped", () => {
		const shipped = readFileSync(join(import.meta.dirname, "../../docs/argocd/notifications.yaml"), "utf8");
		const data = shipped.slice(shipped.indexOf("data:\n"));
		expect(notificationsPatch("https://opssight.example.com/webhooks/argocd/INTEGRATION")).toBe(data);
	});

	test.each([
		["http://127.0.0.1:8787", true],
		["http://localhost:8787", true],
		["http://[::1]:8787", true],
		["https://ops.example.dev", false],
		["https://127.example.dev", false],
	])("%s is reached by this machine only: %s", (origin, expected) => expect(isLoopback(origin)).toBe(expected));
});

test("an act is asked for in the address and nothing else of it is lost", () => {
	const asked = searchForAct(new URLSearchParams("from=now-7d"), { act: "rotate", id: "t1-abc" });
	expect(asked).toBe("?from=now-7d&act=rotate&id=t1-abc");
	expect(askedAct(new URLSearchParams(asked))).toEqual({ act: "rotate", id: "t1-abc" });
	expect(searchForAct(new URLSearchParams(asked), null)).toBe("?from=now-7d");
	expect(askedAct(new URLSearchParams("act=explode&id=1"))).toBeNull();
	expect(askedAct(new URLSearchParams("act=rotate"))).toBeNull();
});

test("the first answer tells how much demo there was", () => {
	const first = progressAfter({ removed: 0, total: null }, 9400, 400);
	expect(first).toEqual({ removed: 400, total: 9800 });
	expect(progressAfter(first, 9000, 400)).toEqual({ removed: 800, total: 9800 });
	expect(progressAfter(first, 0, 400)).toEqual({ removed: 9800, total: 9800 });
	expect(progressAfter({ removed: 0, total: null }, 0, 400)).toEqual({ removed: 0, total: 0 });
});
