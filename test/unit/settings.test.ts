import { expect, test } from "vitest";
import { searchForTeam } from "../../app/format/view.ts";
import { disablingOf, rotationOf } from "../../app/panels/integrations/words.ts";
import { endingOf, removalOfMember, revocationOf } from "../../app/panels/settings/consequences.ts";
import { pageInAnyTeam } from "../../app/panels/shell/pages.ts";

const NOW = Date.UTC(2026, 10, 20, 3, 14, 2);
const MINUTE = 60_000;

/** As people read it: the narrow spaces between figures and units are ordinary here. */
const plain = (text: string) => text.replaceAll("\u202f", " ");

test.each([
	["/t/acme/overview", "overview"],
	["/t/acme/pipelines", "pipelines"],
	["/t/acme/runs/gh-1", "pipelines"],
	["/t/acme/settings", "settings"],
	["/t/acme/settings/audit", "settings/audit"],
	["/t/acme/settings/integrations/t1-abc", "settings/integrations"],
	["/t/acme", "overview"],
])("in another team %s is %s", (path, page) => {
	expect(pageInAnyTeam(path)).toBe(page);
});

test("to another team goes when one looks, not at which repositories", () => {
	expect(searchForTeam(new URLSearchParams("repo=acme/web&wf=ci&from=now-7d&tz=Europe/Berlin&panel=run:1"))).toBe(
		"?from=now-7d&tz=Europe%2FBerlin",
	);
	expect(searchForTeam(new URLSearchParams("repo=acme/web"))).toBe("");
});

test("what is taken away is said in numbers", () => {
	expect(removalOfMember("Noor", { tokens: 2, sessions: 1 }, false)).toBe(
		"Noor leaves this team at once: 2 tokens end, and the team's pages close in 1 signed-in browser.",
	);
	expect(removalOfMember("Ada", { tokens: 1, sessions: 0 }, true)).toBe(
		"You leave this team at once: 1 token ends, and the team's pages close in 0 signed-in browsers.",
	);
	expect(plain(revocationOf({ lastUsedAt: NOW - 3 * MINUTE, scopes: ["read", "ingest"] }, NOW))).toBe(
		"It was used 3 min ago: what uses it is refused at once. 2 rights (read, ingest) end, and nobody can undo it.",
	);
	expect(revocationOf({ lastUsedAt: null, scopes: ["read"] }, NOW)).toBe("It was never used. 1 right (read) ends, and nobody can undo it.");
	const firefox = { agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" };
	expect(endingOf([firefox, firefox, { agent: null }])).toBe(
		"3 sessions end at once: Firefox on Linux, An unknown browser. What they have open is signed out.",
	);
});

test("disabling and rotating say what becomes of the deliveries", () => {
	expect(plain(disablingOf("GitHub", 4.2))).toBe(
		"Every delivery from GitHub is refused until you enable it again: lately there were 4.2 per hour. They are not sent again by themselves.",
	);
	expect(disablingOf("GitLab", null)).toBe("Every delivery from GitLab is refused until you enable it again. None has come lately.");
	const slot = (n: 0 | 1, expiresAt: number | null) => ({ slot: n, createdAt: NOW, expiresAt });
	expect(rotationOf([slot(0, null)])).toMatch(/works 24 hours longer, so nothing is lost meanwhile\.$/);
	expect(rotationOf([slot(0, NOW + MINUTE), slot(1, null)])).toMatch(/The one before that ends now: 2 work at a time\.$/);
	expect(rotationOf([])).toMatch(/No other works\.$/);
});
