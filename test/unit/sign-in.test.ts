// Addresses, buckets, roles of scopes, settings: the pure rules of getting in.
import { describe, expect, test } from "vitest";
import { addressPrefix } from "#worker/domains/auth/address";
import { ACTOR_LIMIT, type Bucket, take } from "#worker/domains/auth/limits";
import { PERMISSIONS, refusal, roleOfScopes, type Scope, scopesOfRole } from "#worker/domains/auth/model";
import { wordsOfProblem } from "#worker/domains/auth/problems";
import { missingSettings, readSettings } from "#worker/env";

test.each([
	["203.0.113.77", "203.0.113.0/24"],
	["::ffff:203.0.113.77", "203.0.113.0/24"],
	["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
	["2001:0DB8::1", "2001:db8:0::/48"],
	["::1", "0:0:0::/48"],
	["fe80::", "fe80:0:0::/48"],
	["", "unknown"],
	[null, "unknown"],
	["not an address", "unknown"],
	["1:2:3", "unknown"],
	["1::2::3", "unknown"],
])("the prefix of %s is %s", (address, prefix) => expect(addressPrefix(address)).toBe(prefix));

test("a bucket gives its burst at once, then what flows in, and says how long to wait", () => {
	let bucket: Bucket | undefined;
	let taken = 0;
	const at = (now: number, want = 1) => {
		const result = take(ACTOR_LIMIT, bucket, { want, now });
		bucket = result.bucket;
		taken += result.granted;
		return result;
	};
	while (at(0, 7).granted > 0);
	expect(taken).toBe(ACTOR_LIMIT.burst);
	expect(at(0).retryAfterMs).toBe(60_000 / ACTOR_LIMIT.perMinute);
	for (let now = 0; now <= 60_000; now += 10) at(now);
	expect(taken).toBe(ACTOR_LIMIT.burst + ACTOR_LIMIT.perMinute);
	// A clock that steps back gives nothing and takes nothing.
	expect(at(0).granted).toBe(0);
	expect(at(3600_000, 10_000).granted).toBe(ACTOR_LIMIT.burst);
});

describe("what a token amounts to", () => {
	test.each<[Scope[], string | null]>([
		[["read"], "viewer"],
		[["read", "ingest"], "viewer"],
		[["read", "ingest", "act"], "manager"],
		[["ingest"], null],
		[[...scopesOfRole("admin")], "admin"],
	])("an admin's %j is at most %s", (scopes, role) => expect(roleOfScopes("admin", scopes)).toBe(role));
	test("never more than the role itself", () => expect(roleOfScopes("viewer", scopesOfRole("admin"))).toBe("viewer"));
	test("what is about oneself is for people, whatever a token's scopes", () => {
		const token = { kind: "token", tokenId: "k", name: "", userId: "u", team: { id: "t", slug: "t" } } as const;
		const all = { ...token, role: "admin" as const, scopes: scopesOfRole("admin") };
		const refused = PERMISSIONS.filter((permission) => refusal(all, "t", permission) !== null);
		expect(refused).toEqual(["tokens:own", "settings:own"]);
	});
});

describe("settings", () => {
	const env = (more: object) =>
		({
			ENVIRONMENT: "production",
			DB: {},
			TEAM_LEDGER: {},
			ENVIRONMENT_LIVE: {},
			CLUSTER_LINK: {},
			BLOBS: {},
			ASSETS: {},
			...more,
		}) as unknown as Parameters<typeof missingSettings>[0];
	test.each<[object, string[]]>([
		[{}, []],
		[{ ENVIRONMENT: "prod" }, ["ENVIRONMENT"]],
		[{ GITHUB_CLIENT_ID: "a" }, ["GITHUB_CLIENT_SECRET", "GITHUB_ALLOWED_ORGS or GITHUB_ALLOWED_USERS"]],
		[{ GITHUB_CLIENT_ID: "a", GITHUB_CLIENT_SECRET: "b" }, ["GITHUB_ALLOWED_ORGS or GITHUB_ALLOWED_USERS"]],
		[{ GITHUB_CLIENT_ID: "a", GITHUB_CLIENT_SECRET: "b", GITHUB_ALLOWED_ORGS: " , " }, ["GITHUB_ALLOWED_ORGS or GITHUB_ALLOWED_USERS"]],
		[{ GITHUB_CLIENT_ID: "a", GITHUB_CLIENT_SECRET: "b", GITHUB_ALLOWED_USERS: "me" }, []],
		[{ GITHUB_URL: "javascript:x" }, ["GITHUB_URL"]],
		[{ SETUP_TOKEN: "short" }, ["SETUP_TOKEN"]],
	])("%j lacks %j", (more, missing) => {
		expect(missingSettings(env(more))).toEqual(missing);
		if (missing.length > 0) expect(() => readSettings(env(more))).toThrow(missing[0]);
	});
	test("names are read in any case and separation", () => {
		const set = env({ GITHUB_CLIENT_ID: "a", GITHUB_CLIENT_SECRET: "b", GITHUB_ALLOWED_ORGS: "Acme, other\nThird", GITHUB_URL: "" });
		expect(readSettings(set).gitHub).toMatchObject({ allowedOrgs: ["acme", "other", "third"], url: "https://github.com" });
	});
});

test("the sign-in page says only what is written here", () => {
	expect(wordsOfProblem("refused")).toContain("You said no");
	for (const code of ["", "constructor", "<b>", null]) expect(wordsOfProblem(code)).toBeNull();
});
