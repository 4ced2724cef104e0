import { AppError } from "../errors.ts";
import { randomId } from "../ids.ts";
import type { AppEnv, Context } from "./context.ts";

/** What a test came to, in a sentence. */
export type TestOutcome = { isTaken: boolean; told: string };

type Signed = { headers: Record<string, string>; body: string };
type Fetch = (request: Request, env: AppEnv["Bindings"], ctx: Context["executionCtx"]) => Response | Promise<Response>;

/** The test of each source: signed like everything else, and of a kind that is taken and then not used, so that no figure changes. */
const TESTS: Record<string, (secret: string) => Promise<Signed>> = {
	github: async (secret) => {
		const body = JSON.stringify({ zen: "A test from the settings of OpsSight." });
		const signature = `sha256=${await hmacHex(secret, body)}`;
		return { body, headers: { "x-github-event": "ping", "x-github-delivery": `test-${randomId(16)}`, "x-hub-signature-256": signature } };
	},
	gitlab: async (secret) => ({
		body: JSON.stringify({ object_kind: "test" }),
		headers: { "x-gitlab-event": "Test Hook", "x-gitlab-event-uuid": `test-${randomId(16)}`, "x-gitlab-token": secret },
	}),
	argocd: async (secret) => ({ body: "{}", headers: { "x-opssight-event": "ping", authorization: `Bearer ${secret}` } }),
	alertmanager: async (secret) => ({ body: "{}", headers: { "x-opssight-event": "ping", authorization: `Bearer ${secret}` } }),
	cdevents: async (secret) => ({
		body: "{}",
		headers: {
			...{ "ce-specversion": "1.0", "ce-type": "dev.cdevents.testcaserun.started.0.3.0", "ce-source": "opssight" },
			...{ "ce-id": `test-${randomId(16)}`, authorization: `Bearer ${secret}` },
		},
	}),
	generic: async (secret) => ({
		body: "{}",
		headers: { "x-opssight-event": "ping", "x-opssight-delivery": `test-${randomId(16)}`, authorization: `Bearer ${secret}` },
	}),
};

/**
 * Send a signed test to an integration through its own door: a request to this very application, answered like a sender's.
 * @throws AppError notFound | conflict (no active secret)
 */
export async function sendTest(c: Context, send: Fetch, teamId: string, integrationId: string): Promise<TestOutcome> {
	const integration = await c.env.TEAM_LEDGER.getByName(teamId).integration(integrationId);
	const make = integration && TESTS[integration.source];
	if (!integration || !make) throw new AppError("notFound", "There is no such integration in this team.");
	// The current one; after a rotation the one before has an end.
	const secret = integration.secrets.find(({ expiresAt }) => expiresAt === null)?.secret;
	if (secret === undefined) throw new AppError("conflict", "This integration has no active secret. Rotate it to get one.");
	const { headers, body } = await make(secret);
	const url = new URL(`/webhooks/${integration.source}/${integrationId}`, c.req.url);
	const answer = await send(
		new Request(url, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body }),
		c.env,
		c.executionCtx,
	);
	if (answer.ok) return { isTaken: true, told: "The test was signed, sent and taken." };
	const { error } = (await answer.json()) as { error?: { message?: string } };
	return { isTaken: false, told: `The door answered ${answer.status}: ${error?.message ?? "no reason given."}` };
}

async function hmacHex(secret: string, text: string): Promise<string> {
	const encoder = new TextEncoder();
	const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
	const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
	return Array.from(signature, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
