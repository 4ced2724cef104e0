/**
 * One shape of secret. `anchors` are literal pieces, three characters or more, of which at least one stands in every match: the
 * probe looks for these in a single pass, and a pattern only runs on a text that has one. A pattern may have one capture group,
 * which is kept in front of the marker. Patterns are global, have no nested open-ended repetition, and bound what they repeat.
 */
export type Rule = { name: string; anchors: readonly string[]; anyCase?: boolean; pattern: RegExp };

// Where a token without a telling prefix may begin: not within a word, but after a colour code, an escape or a percent code.
const START = "(?:(?<![A-Za-z0-9])|(?<=\\\\[nrtbf]|\\x1b\\[[0-9;]{0,12}m|%[0-9A-Fa-f]{2}))";

/** A vendor's token: one of the prefixes, then `body`. A prefix of four characters or more with a joint in it tells by itself. */
function token(name: string, prefixes: readonly string[], body: string): Rule {
	const escaped = prefixes.map((prefix) => prefix.replace(/[.+]/g, "\\$&"));
	const tells = prefixes.every((prefix) => prefix.length >= 4 && /[_.+-]$/.test(prefix));
	return { name, anchors: prefixes, pattern: new RegExp(`${tells ? "" : START}(?:${escaped.join("|")})${body}`, "g") };
}

/** A value without a shape of its own, known by the name before it: `HEROKU_API_KEY: 0123…`. */
function named(name: string, anchors: readonly string[], key: string, value: string): Rule {
	return {
		name,
		anchors,
		anyCase: true,
		pattern: new RegExp(`(${key}["'\\\\]{0,6}[ \\t]{0,4}[:=][ \\t]{0,4}["'\\\\]{0,6})${value}`, "gi"),
	};
}

const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"];
const HEX = [..."0123456789abcdef"];
const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** The kept list. The order is that of application: whole blocks, then vendors' tokens, then what only its surroundings give away. */
export const RULES: readonly Rule[] = [
	{
		name: "private-key",
		anchors: ["-----BEGIN "],
		// The body may not hold five dashes, so each block is read once; a block cut off before its end is masked as far as it goes.
		pattern:
			/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-"]*(?:-(?!----)[^-"]*)*(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?/g,
	},
	token("age-key", ["AGE-SECRET-KEY-"], "[A-Z0-9]{20,100}"),
	{
		name: "jwt",
		anchors: ["eyJ"],
		// The look-behind keeps a long run of "eyJ" from being read again from each of its starts.
		pattern: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,8192}\.eyJ[A-Za-z0-9_-]{4,8192}(?:\.[A-Za-z0-9_-]{0,8192})?/g,
	},

	// Code hosts and package registries
	token("github-token", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], "[A-Za-z0-9]{20,255}"),
	// The whole prefix begins like "github", which is in every address; its middle is rare.
	{ name: "github-fine-grained-token", anchors: ["ub_pat_"], pattern: /(?<![A-Za-z0-9])github_pat_[A-Za-z0-9_]{20,255}/g },
	token(
		"gitlab-token",
		["glpat-", "glptt-", "gldt-", "glrt-", "glrtr-", "glcbt-", "glft-", "glimt-", "glagent-", "gloas-", "glsoat-", "glffct-", "glwt-"],
		"[A-Za-z0-9_.=-]{16,300}",
	),
	token("gitlab-runner-registration", ["GR1348941"], "[A-Za-z0-9_-]{16,100}"),
	token("bitbucket-token", ["ATBB"], "[A-Za-z0-9_=-]{24,255}"),
	token("npm-token", ["npm_"], "[A-Za-z0-9]{30,255}"),
	token("pypi-token", ["pypi-"], "[A-Za-z0-9_-]{20,1000}"),
	token("rubygems-key", ["rubygems_"], "[0-9a-f]{32,100}"),
	token("nuget-key", ["oy2"], "[a-z0-9]{43}(?![a-z0-9])"),
	token("docker-token", ["dckr_pat_", "dckr_oat_"], "[A-Za-z0-9_-]{20,100}"),
	token("jfrog-key", ["AKCp"], "[A-Za-z0-9]{60,100}"),

	// Clouds
	token("aws-access-key-id", ["AKIA", "ASIA", "ABIA", "ACCA"], "[A-Z0-9]{16}(?![A-Za-z0-9])"),
	named("aws-secret-key", ["secret_access_key", "secretaccesskey"], "secret_?access_?key", "[A-Za-z0-9/+=]{30,60}"),
	token("google-api-key", ["AIza"], "[A-Za-z0-9_-]{30,60}"),
	token("google-oauth-token", ["ya29."], "[A-Za-z0-9_.-]{20,2000}"),
	token("google-client-secret", ["GOCSPX-"], "[A-Za-z0-9_-]{20,60}"),
	{
		name: "azure-account-key",
		anchors: ["AccountKey=", "AccessKey="],
		pattern: /((?:Account|SharedAccess)Key=)[A-Za-z0-9+/%]{30,200}={0,2}/g,
	},
	{ name: "azure-sas-signature", anchors: ["sig="], pattern: /([?&;\s"']sig=)[A-Za-z0-9%+/_-]{30,200}={0,2}/g },
	{ name: "azure-client-secret", anchors: ["8Q~"], pattern: /(?<![\w.~-])[\w.~-]{3}8Q~[\w.~-]{30,40}/g },
	token("digitalocean-token", ["dop_v1_", "doo_v1_", "dor_v1_"], "[0-9a-f]{32,100}"),
	token("heroku-key", ["HRKU-"], "[A-Za-z0-9_-]{30,100}"),
	named("heroku-key", ["heroku"], "heroku[a-z_-]{0,20}key", UUID),
	token("cloudflare-token", ["cfut_", "cfat_", "cfk_"], "[A-Za-z0-9_-]{30,100}"),
	named(
		"cloudflare-token",
		["cloudflare_", "cloudflare-", "cf_api_"],
		"(?:cloudflare|cf)[a-z_-]{0,20}(?:key|token)",
		"[A-Za-z0-9_-]{30,60}",
	),
	{ name: "cloudflare-origin-key", anchors: ["v1.0-"], pattern: /(?<![A-Za-z0-9])v1\.0-[0-9a-f]{24}-[0-9a-f]{100,200}/g },
	token("alibaba-key", ["LTAI"], "[A-Za-z0-9]{12,30}(?![A-Za-z0-9])"),
	token("flyio-token", ["FlyV1 ", "fm2_"], "[A-Za-z0-9+/=_,.-]{20,2000}"),
	token("netlify-token", ["nfp_"], "[A-Za-z0-9]{30,60}"),
	token("vercel-token", ["vercel_blob_rw_"], "[A-Za-z0-9_]{20,100}"),
	token("supabase-token", ["sbp_"], "[0-9a-f]{30,60}"),
	token("planetscale-token", ["pscale_tkn_", "pscale_pw_", "pscale_oauth_"], "[A-Za-z0-9_.=-]{20,100}"),
	token("databricks-token", ["dapi"], "[0-9a-f]{32}(?:-\\d)?(?![A-Za-z0-9])"),
	token("tailscale-key", ["tskey-"], "[A-Za-z0-9-]{10,100}"),

	// Chat, mail, payment
	token(
		"slack-token",
		["xoxa-", "xoxb-", "xoxc-", "xoxd-", "xoxe-", "xoxe.", "xoxo-", "xoxp-", "xoxr-", "xoxs-", "xapp-"],
		"[A-Za-z0-9.%/+-]{10,500}",
	),
	{
		name: "slack-webhook",
		anchors: ["slack.com"],
		pattern: /((?:hooks|triggers)\.slack\.com\\{0,4}\/(?:services|workflows|triggers)\\{0,4}\/)[A-Za-z0-9/\\_-]{6,300}[A-Za-z0-9]/g,
	},
	{
		name: "discord-webhook",
		anchors: ["i/webhooks/", "i\\/webhooks\\/"],
		pattern: /(discord(?:app)?\.com\\{0,4}\/api\\{0,4}\/webhooks\\{0,4}\/\d{5,30}\\{0,4}\/)[A-Za-z0-9_-]{20,200}/g,
	},
	{ name: "teams-webhook", anchors: ["webhook.office.com"], pattern: /(webhook\.office\.com\/)[A-Za-z0-9/@_-]{20,500}/g },
	{ name: "zapier-webhook", anchors: ["hooks.zapier.com"], pattern: /(hooks\.zapier\.com\/hooks\/catch\/)[A-Za-z0-9/]{6,100}/g },
	{ name: "telegram-token", anchors: [":AA"], pattern: /(?<![A-Za-z0-9])\d{6,12}:AA[A-Za-z0-9_-]{30,40}/g },
	token(
		"twilio-key",
		HEX.map((digit) => `SK${digit}`),
		"[0-9a-f]{31}(?![A-Za-z0-9])",
	),
	token("sendgrid-key", ["SG."], "[A-Za-z0-9_-]{16,64}\\.[A-Za-z0-9_-]{16,128}"),
	{ name: "mailgun-key", anchors: ["key-"], pattern: /(?<![A-Za-z0-9_-])key-[0-9a-f]{32}(?![A-Za-z0-9])/g },
	{ name: "mailchimp-key", anchors: ["-us"], pattern: /(?<![A-Za-z0-9])[0-9a-f]{32}-us\d{1,2}(?![A-Za-z0-9])/g },
	token("brevo-key", ["xkeysib-"], "[A-Za-z0-9-]{40,120}"),
	token("stripe-key", ["sk_live_", "sk_test_", "rk_live_", "rk_test_", "pk_live_"], "[A-Za-z0-9]{10,255}"),
	token("stripe-webhook-secret", ["whsec_"], "[A-Za-z0-9+/=]{16,255}"),
	token("square-token", ["sq0atp-", "sq0csp-", "sq0idp-"], "[A-Za-z0-9_-]{20,60}"),
	token("square-token", ["EAAA"], "[A-Za-z0-9_-]{56,100}"),
	token("shopify-token", ["shpat_", "shpca_", "shppa_", "shpss_"], "[A-Fa-f0-9]{32,64}"),
	token("easypost-key", ["EZAK", "EZTK"], "[A-Za-z0-9]{54}"),

	// Models
	token("anthropic-key", ["sk-ant-"], "[A-Za-z0-9_-]{20,255}"),
	// Without one of the newer infixes only an unbroken run counts, or a branch called "sk-…" would be taken for a key.
	token(
		"openai-key",
		["sk-"],
		"(?:(?:proj|svcacct|admin|None|or-v1)-[A-Za-z0-9_-]{20,255}|[A-Za-z0-9]{32,255}|[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20})",
	),
	token("huggingface-token", ["hf_"], "[A-Za-z0-9]{30,60}"),
	token("groq-key", ["gsk_"], "[A-Za-z0-9]{40,80}"),
	token("replicate-token", ["r8_"], "[A-Za-z0-9]{36,42}(?![A-Za-z0-9])"),

	// Operations and delivery
	token("vault-token", ["hvs.", "hvb.", "hvr."], "[A-Za-z0-9_-]{20,500}"),
	{ name: "terraform-token", anchors: [".atlasv1."], pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{10,20}\.atlasv1\.[A-Za-z0-9_=-]{30,200}/g },
	token("pulumi-token", ["pul-"], "[0-9a-f]{40}(?![A-Za-z0-9])"),
	token("doppler-token", ["dp.pt.", "dp.st.", "dp.sa.", "dp.ct.", "dp.scim.", "dp.audit."], "[A-Za-z0-9._-]{30,100}"),
	named("datadog-key", ["dd_api", "dd-api", "dd_app", "dd-app", "datadog"], "(?:dd|datadog)[a-z_-]{0,20}key", "[0-9a-f]{32,40}"),
	named("pagerduty-key", ["pagerduty"], "pagerduty[a-z_-]{0,20}(?:key|token)", "[A-Za-z0-9_+-]{18,40}"),
	token("pagerduty-key", ["pdus+", "pdeu+"], "[A-Za-z0-9_-]{16,60}"),
	token("newrelic-key", ["NRAK-", "NRII-", "NRJS-", "NRBR-"], "[A-Za-z0-9_-]{19,60}"),
	token("grafana-token", ["glsa_"], "[A-Za-z0-9]{20,60}_[0-9a-f]{8}"),
	token("grafana-cloud-token", ["glc_"], "[A-Za-z0-9+/=]{30,400}"),
	token("sentry-token", ["sntrys_", "sntryu_", "sntrya_"], "[A-Za-z0-9+/=_-]{20,500}"),
	token("dynatrace-token", ["dt0c01.", "dt0s01."], "[A-Z0-9]{24}\\.[A-Z0-9]{64}"),
	token("circleci-token", ["CCIPAT_", "CCIPRJ_"], "[A-Za-z0-9_]{30,100}"),
	token("buildkite-token", ["bkua_", "bkat_", "bkct_"], "[A-Za-z0-9_-]{20,100}"),
	token("sonar-token", ["sqa_", "sqp_", "squ_"], "[0-9a-f]{40}(?![A-Za-z0-9])"),
	token("postman-key", ["PMAK-"], "[0-9a-f]{24}-[0-9a-f]{34}"),
	token("launchdarkly-key", ["sdk-", "mob-"], UUID),
	{
		name: "opssight-token",
		anchors: LETTERS.map((letter) => `ops${letter}_`),
		// Ours are long and hold digits; "devopss_…" in somebody's code is not one.
		pattern: new RegExp(`${START}ops[a-z]_(?=[A-Za-z_-]{0,100}[0-9])[A-Za-z0-9_-]{24,255}`, "g"),
	},

	// Work and content
	token("atlassian-token", ["ATATT3", "ATCTT3"], "[A-Za-z0-9_=-]{30,400}"),
	token("linear-key", ["lin_api_", "lin_oauth_"], "[A-Za-z0-9]{30,80}"),
	token("notion-token", ["ntn_", "secret_"], "[A-Za-z0-9]{40,60}(?![A-Za-z0-9])"),
	token("figma-token", ["figd_"], "[A-Za-z0-9_-]{30,60}"),
	token("contentful-token", ["CFPAT-"], "[A-Za-z0-9_-]{40,60}"),

	// Known by what stands around them
	{
		name: "authorization",
		anchors: ["uthorization"],
		anyCase: true,
		pattern:
			/(authorization["'\\]{0,8}[ \t]{0,4}[:=][ \t]{0,4}["'\\]{0,8}(?:(?:bearer|basic|token|digest|apikey|negotiate)[ \t]{1,4}|(?=[^\s"'\\,;]{20}))(?:token=)?)[^\s"'\\,;]{4,4096}/gi,
	},
	{
		name: "bearer-token",
		anchors: ["bearer "],
		anyCase: true,
		// A digit tells a token from "bearer authentication".
		pattern: /((?<![A-Za-z0-9])bearer[ \t]{1,4})(?=[A-Za-z._~+/=-]{0,200}\d)[A-Za-z0-9._~+/=-]{12,4096}/gi,
	},
	{
		name: "cookie",
		anchors: ["cookie: ", "cookie:"],
		anyCase: true,
		pattern: /((?<![A-Za-z0-9])cookie:[ \t]{0,4})[^\s"'\\][^\r\n"'\\]{0,4096}/gi,
	},
	{
		name: "command-line",
		anchors: ["--passw", "--token", "--secret", "--api-key", "-token ", "-password ", "-secret "],
		anyCase: true,
		pattern: /((?<![\w-])--[a-z-]{0,40}(?:password|passwd|token|secret|api-key)[ \t]{1,4}["'\\]{0,4})[^\s"'\\-][^\s"'\\]{3,500}/gi,
	},
];
