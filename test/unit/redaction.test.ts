import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redact } from "../../worker/domains/redaction/mask.ts";
import { RULES } from "../../worker/domains/redaction/rules.ts";
import { a, dashes, hex, join2, pem, SECRETS, upper, uuid } from "../support/secrets.ts";

describe("what is masked", () => {
	test.each(SECRETS)("%s", (rule, secret, before = "found ", after = " here") => {
		expect(redact(before + secret + after)).toEqual({ text: `${before}[masked:${rule}]${after}`, count: 1 });
	});

	test.each(SECRETS)(
		"%s, as a value in JSON, in JSON in a string, and with escaped letters",
		(_rule, secret, before = "found ", after = " here") => {
			const plain = before + secret + after;
			const inner = JSON.stringify({ message: plain, id: 7 });
			const escaped = JSON.stringify({ message: plain }).replace(/[A-Za-z0-9_]/g, (char, at: number) =>
				at > 12 && inner[at - 1] !== "\\" ? `\\u00${char.charCodeAt(0).toString(16)}` : char,
			);
			for (const text of [inner, JSON.stringify({ log: inner }), escaped]) {
				const masked = redact(text);
				expect(masked.count).toBeGreaterThan(0);
				expect(masked.text).not.toContain(secret);
				expect(masked.text).not.toContain(JSON.stringify(secret).slice(1, -1));
				expect(() => JSON.parse(masked.text)).not.toThrow();
				expect(redact(masked.text)).toEqual({ text: masked.text, count: 0 });
			}
			expect(JSON.parse(redact(inner).text).id).toBe(7);
		},
	);

	test("every rule has an example, and there are more than 40", () => {
		const shown = new Set(SECRETS.map(([rule]) => rule));
		const rare = [
			"flyio-token",
			"vercel-token",
			"teams-webhook",
			"zapier-webhook",
			"easypost-key",
			"grafana-cloud-token",
			"dynatrace-token",
		];
		expect(RULES.map((rule) => rule.name).filter((name) => !shown.has(name) && !rare.includes(name))).toEqual([]);
		expect(new Set(RULES.map((rule) => rule.name)).size).toBeGreaterThan(60);
	});

	test("fields whose name says it, wherever they stand", () => {
		const body = {
			password: "x y z",
			nested: [{ apiKey: "k", "client-secret": "s", authorization: "Bearer x", DB_PASSWORD: 123456 }],
			variables: [
				{ key: "DEPLOY_TOKEN", value: "v" },
				{ name: "REGION", value: "eu" },
			],
			[join2("gh", "p_", a(36))]: { fine: true },
		};
		const masked = redact(JSON.stringify(body));
		expect(JSON.parse(masked.text)).toEqual({
			password: "[masked:secret-value]",
			nested: [
				{
					apiKey: "[masked:secret-value]",
					"client-secret": "[masked:secret-value]",
					authorization: "[masked:secret-value]",
					DB_PASSWORD: "[masked:secret-value]",
				},
			],
			variables: [
				{ key: "DEPLOY_TOKEN", value: "[masked:secret-value]" },
				{ name: "REGION", value: "eu" },
			],
			"[masked:github-token]": { fine: true },
		});
		expect(masked.count).toBe(7);
	});

	test("a private key in a service account file", () => {
		const masked = redact(JSON.stringify({ type: "service_account", private_key_id: hex(40), private_key: `${pem("")}\n` }));
		expect(JSON.parse(masked.text)).toEqual({ type: "service_account", private_key_id: hex(40), private_key: "[masked:secret-value]" });
	});

	test("several in one text are each counted", () => {
		const text = `a ${join2("gh", "p_", a(36))} b ${join2("gh", "p_", a(36))}\npassword=x1 PASSWORD=x2`;
		expect(redact(text)).toEqual({
			text: "a [masked:github-token] b [masked:github-token]\npassword=[masked:secret-value] PASSWORD=[masked:secret-value]",
			count: 4,
		});
	});

	test.each(["\u001b[32m", "line\\n", "a%3D", "x", "::"])("a token right after %j", (before) => {
		const text = before + join2("gh", "p_", a(36));
		expect(redact(text)).toEqual({ text: `${before}[masked:github-token]`, count: 1 });
		if (before !== "x") expect(redact(before + join2("AK", "IA", upper(16))).count).toBe(1);
	});

	test("a key cut off before its end is masked as far as it goes", () => {
		const cut = pem("RSA ").slice(0, 120);
		expect(redact(`log: ${cut}`)).toEqual({ text: "log: [masked:private-key]", count: 1 });
	});
});

describe("what is left alone", () => {
	test.each([
		["a git SHA", hex(40)],
		["a UUID", uuid],
		["a digest", `sha256:${hex(64)}`],
		["an address", "https://github.com/acme/checkout/actions/runs/1?check_suite_focus=true#step:3:1"],
		["a clone address", "git@github.com:acme/checkout.git ssh://git@gitlab.example.com/a/b.git"],
		["a mail address", "21031067+Codertocat@users.noreply.github.com"],
		["an action's version", "https://github.com/actions/checkout@v4"],
		["a template", '{"keys_url":"https://api.github.com/repos/a/b/keys{/key_id}","node_id":"MDEwOlJlcG9zaXRvcnkxODY4NTMwMDI="}'],
		["token inside of words", "tokenizer=fast tokens: 12 tokenised secretary: Jane, secrets: inherit"],
		["prose", "Fix token: handle expiry. The password reset page. basic setup, bearer of news"],
		[
			"references",
			["token=$TOKEN password=$", "{{ secrets.DB }} secret: $", "{SECRET} api_key=%API_KEY% token=process.env.TOKEN"].join(""),
		],
		["stars and earlier masks", "password=*** token: **** secret=[masked:secret-value] password=[REDACTED]"],
		["null and flags", '{"token":null,"password":"","secret":false,"api_key":"********","id-token":"write","max_token":4096}'],
		["a working directory", "PWD=/home/runner/work"],
		["comparison", "if (token == null || secret === undefined)"],
		["a branch called sk", "sk-1234-fix-login-bug-now task-42-disk-full"],
		["a cache key", `Linux-npm-key-${hex(32)}`],
		["a region", "eu-us-west-1"],
		["names in code", "devopss_some_rather_long_identifier ops_total opsx_count_by_name"],
		["a base64 blob", a(200)],
		["a masked address", "https://user:***@host/x"],
		["escapes that hide nothing", '{"a":"\\u003cb\\u003e \\u0026 \\u2028"}'],
	])("%s", (_name, text) => {
		expect(redact(text)).toEqual({ text, count: 0 });
	});

	const folders = ["github", "gitlab", "e2e-main"].map((name) => join(import.meta.dirname, "../fixtures", name));
	const bodies = folders.flatMap((folder) =>
		readdirSync(folder)
			.filter((file) => !file.endsWith(".expect.json") && file !== "sequence.json")
			.map((file) => [file, readFileSync(join(folder, file), "utf8")] as const),
	);
	test.each(bodies)("%s", (_name, text) => {
		expect(redact(text)).toEqual({ text, count: 0 });
	});
});

describe("whatever comes", () => {
	const secret = fc.constantFrom(...SECRETS.map(([, value, before = "", after = ""]) => before + value + after));
	const piece = fc.oneof(
		secret,
		fc.string({ unit: "binary" }),
		fc.constantFrom('"', "\\", '\\"', "\n", "password", "=", ": ", "token", "@", "://", "'", "{"),
	);
	const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

	test("JSON stays JSON with the same shape, and masking twice is masking once", () => {
		const body = fc.array(fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)), { maxKeys: 3 }), {
			maxLength: 3,
		});
		fc.assert(
			fc.property(body, (value) => {
				const masked = redact(JSON.stringify(value));
				const parsed = JSON.parse(masked.text);
				expect(parsed).toHaveLength(value.length);
				if (masked.count === 0) expect(masked.text).toBe(JSON.stringify(value));
			}),
			{ numRuns: 500 },
		);
	});

	test("plain text never throws, and known tokens never survive", () => {
		const token = join2("gh", "p_", a(36));
		fc.assert(
			fc.property(text, text, (before, after) => {
				expect(redact(`${before} ${token} ${after}`).text).not.toContain(token);
			}),
			{ numRuns: 500 },
		);
	});

	test.each([
		["eyJ", 300_000],
		["eyJ-", 200_000],
		[join2(dashes, "BEGIN RSA PRIVATE KEY", dashes), 20_000],
		['password="', 60_000],
		["password='\\", 60_000],
		['token\\": \\"', 60_000],
		["://a:", 150_000],
		["a@", 300_000],
		["Authorization: ", 40_000],
		["secret".repeat(3), 40_000],
		["sk-", 200_000],
		["xoxb-", 150_000],
		["\\u0061", 100_000],
		["\\", 500_000],
	])("a long run of %j takes no more than linear time", (unit, times) => {
		const started = performance.now();
		redact(unit.repeat(times));
		// 600 KB to 1 MB each: linear is tens of milliseconds, quadratic would be minutes.
		expect(performance.now() - started).toBeLessThan(3000);
	});

	test("depth does not overflow the stack", () => {
		const deep = `${"[".repeat(5000)}"password=hunter2"${"]".repeat(5000)}`;
		expect(redact(deep).count).toBe(1);
	});
});
