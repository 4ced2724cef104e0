import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redact } from "../../worker/domains/redaction/mask.ts";
import { RULES } from "../../worker/domains/redaction/rules.ts";

// Every secret here is put together at run time, so that no scanner takes this file for a leak.
const a = (length: number) => "aB3dE6gH9jK2".repeat(Math.ceil(length / 12)).slice(0, length);
const upper = (length: number) => a(length).toUpperCase();
const hex = (length: number) => "0a1b2c3d4e5f6789".repeat(Math.ceil(length / 16)).slice(0, length);
const uuid = ["01234567", "89ab", "4cde", "8f01", "23456789abcd"].join("-");
const join2 = (...parts: string[]) => parts.join("");
const dashes = "-".repeat(5);
const pem = (kind: string, newline = "\n") =>
	[join2(dashes, "BEGIN ", kind, "PRIVATE KEY", dashes), a(64), a(64), join2(dashes, "END ", kind, "PRIVATE KEY", dashes)].join(newline);

/** rule → texts whose secret is the second part; what is not part of the secret stays. */
const SECRETS: [rule: string, secret: string, before?: string, after?: string][] = [
	["private-key", pem("RSA ")],
	["private-key", pem("OPENSSH ", "\\n")],
	["private-key", pem("")],
	["age-key", join2("AGE-SECRET", "-KEY-", upper(58))],
	["jwt", join2("eyJ", a(30), ".eyJ", a(60), ".", a(43))],
	...["ghp_", "gho_", "ghu_", "ghs_", "ghr_"].map((p): [string, string] => ["github-token", p + a(36)]),
	["github-fine-grained-token", join2("github", "_pat_", a(22), "_", a(59))],
	...["glpat-", "glptt-", "gldt-", "glrt-", "glcbt-"].map((p): [string, string] => ["gitlab-token", p + a(20)]),
	["gitlab-runner-registration", join2("GR13", "48941", a(20))],
	["bitbucket-token", join2("AT", "BB", a(32))],
	["npm-token", join2("npm", "_", a(36))],
	["pypi-token", join2("pypi", "-AgEI", a(80))],
	["rubygems-key", join2("rubygems", "_", hex(48))],
	["nuget-key", join2("oy", "2", a(43).toLowerCase())],
	["docker-token", join2("dckr", "_pat_", a(27))],
	["jfrog-key", join2("AK", "Cp", a(69))],
	["aws-access-key-id", join2("AK", "IA", upper(16))],
	["aws-access-key-id", join2("AS", "IA", upper(16))],
	["aws-secret-key", a(40), "aws_secret_access_key = "],
	["google-api-key", join2("AI", "za", a(35))],
	["google-oauth-token", join2("ya", "29.", a(60))],
	["google-client-secret", join2("GOC", "SPX-", a(28))],
	["azure-account-key", `${a(86)}==`, "AccountName=x;AccountKey=", ";EndpointSuffix=core"],
	["azure-sas-signature", `${a(43)}%3D`, "https://x.blob.core.windows.net/c?sv=1&sig=", "&se=2"],
	["azure-client-secret", join2(a(3), "8Q", "~", a(34))],
	["digitalocean-token", join2("dop", "_v1_", hex(64))],
	["heroku-key", join2("HR", "KU-", a(60))],
	["heroku-key", uuid, "HEROKU_API_KEY="],
	["cloudflare-token", join2("cf", "ut_", a(40))],
	["cloudflare-token", a(40), "CLOUDFLARE_API_TOKEN: "],
	["cloudflare-origin-key", join2("v1", ".0-", hex(24), "-", hex(146))],
	["alibaba-key", join2("LT", "AI", a(20))],
	["netlify-token", join2("nf", "p_", a(36))],
	["supabase-token", join2("sb", "p_", hex(40))],
	["planetscale-token", join2("pscale", "_tkn_", a(43))],
	["databricks-token", join2("da", "pi", hex(32))],
	["tailscale-key", join2("ts", "key-auth-", a(20))],
	["slack-token", join2("xo", "xb-", "123456789012-", a(24))],
	["slack-token", join2("xa", "pp-1-", a(40))],
	["slack-webhook", join2("T0", a(8), "/B0", a(8), "/", a(24)), "https://hooks.slack.com/services/"],
	["discord-webhook", a(68), "https://discord.com/api/webhooks/123456789012345678/"],
	["telegram-token", join2("123456789", ":AA", a(33))],
	["twilio-key", join2("S", "K", hex(32))],
	["sendgrid-key", join2("S", "G.", a(22), ".", a(43))],
	["mailgun-key", join2("ke", "y-", hex(32))],
	["mailchimp-key", join2(hex(32), "-u", "s14")],
	["brevo-key", join2("xkey", "sib-", hex(64), "-", a(16))],
	["stripe-key", join2("sk", "_live_", a(24))],
	["stripe-key", join2("rk", "_live_", a(24))],
	["stripe-webhook-secret", join2("wh", "sec_", a(32))],
	["square-token", join2("sq0", "atp-", a(22))],
	["square-token", join2("EA", "AA", a(60))],
	["shopify-token", join2("sh", "pat_", hex(32))],
	["anthropic-key", join2("sk", "-ant-", "api03-", a(93))],
	["openai-key", join2("sk", "-", a(48))],
	["openai-key", join2("sk", "-proj-", a(60))],
	["huggingface-token", join2("h", "f_", a(34))],
	["groq-key", join2("gs", "k_", a(52))],
	["replicate-token", join2("r", "8_", a(37))],
	["vault-token", join2("hv", "s.", a(24))],
	["terraform-token", join2(a(14), ".atlas", "v1.", a(67))],
	["pulumi-token", join2("pu", "l-", hex(40))],
	["doppler-token", join2("dp", ".pt.", a(43))],
	["datadog-key", hex(32), "DD_API_KEY="],
	["pagerduty-key", a(20), "PAGERDUTY_TOKEN="],
	["newrelic-key", join2("NR", "AK-", upper(27))],
	["grafana-token", join2("gl", "sa_", a(32), "_", hex(8))],
	["sentry-token", join2("snt", "rys_", a(60))],
	["circleci-token", join2("CCI", "PAT_", a(40))],
	["buildkite-token", join2("bk", "ua_", a(40))],
	["sonar-token", join2("sq", "p_", hex(40))],
	["postman-key", join2("PM", "AK-", hex(24), "-", hex(34))],
	["launchdarkly-key", join2("sd", "k-", uuid)],
	["opssight-token", join2("op", "st_", "tabcdefghijk_", a(43))],
	["opssight-token", join2("op", "sa_", a(43))],
	["atlassian-token", join2("ATA", "TT3", a(180))],
	["linear-key", join2("lin", "_api_", a(40))],
	["notion-token", join2("nt", "n_", a(46))],
	["figma-token", join2("fig", "d_", a(40))],
	["contentful-token", join2("CF", "PAT-", a(43))],
	["authorization", a(30), "Authorization: Bearer "],
	["authorization", `${a(30)}==`, "authorization: Basic "],
	["authorization", a(20), 'curl -H "Authorization: token ', '" https://x'],
	["bearer-token", a(40), "sent bearer "],
	["cookie", join2("session=", a(20), "; theme=dark"), "Cookie: ", "\nnext"],
	["command-line", "hunter2!", "deploy --db-password ", " --verbose"],
	["url-credentials", "hunter2", "postgres://app:", "@db.internal:5432/x"],
	["url-credentials", a(40), "https://", "@github.com/a/b"],
	["secret-value", "hunter2", "password="],
	["secret-value", "hunter2", "PASSWD: "],
	["secret-value", "hunter2", 'db.password = "', '"'],
	["secret-value", "correct horse", "passphrase: '", "'"],
	["secret-value", a(12), "token="],
	["secret-value", a(12), "https://x/?access_token=", "&page=2"],
	["secret-value", a(24), "client_secret: "],
	["secret-value", a(10), "X-Api-Key: "],
	["secret-value", "abc", "apikey=", "&x=1"],
	["secret-value", "ab,c)d", "DB_PASS=", " next"],
	["secret-value", "hunter2", '{"level":"info","githubToken":"', '"}\nnot json as a whole'],
	["secret-value", 'hun\\"ter2', 'log {"password": "', '", "user": "x"}'],
	["secret-value", "hunter2", 'say \\"password\\": \\"', '\\" ok'],
];

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
