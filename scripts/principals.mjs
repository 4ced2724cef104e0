// Who can act in a development installation: two teams with sessions, tokens and webhook secrets, made once per state folder.
import { randomBytes, randomInt } from "node:crypto";
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const ROLES = ["viewer", "member", "manager", "admin"];
const SOURCES = ["github", "gitlab", "generic"];
const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";
/** The recorded payloads are signed with it; development only. */
const WEBHOOK_SECRET = "corpus-secret";

const randomId = (length) => Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
const secret = () => randomBytes(32).toString("base64url");

function makeTeam(slug, name) {
	const id = `t${randomId(11)}`;
	const token = () => `opst_${id}_${secret()}`;
	return {
		id,
		slug,
		name,
		webhooks: Object.fromEntries(
			SOURCES.map((source) => [source, { path: `/webhooks/${source}/${id}-${randomId(12)}`, secret: WEBHOOK_SECRET }]),
		),
		ingestToken: token(),
		metricsToken: token(),
		sessions: Object.fromEntries(ROLES.map((role) => [role, `__Host-opssight=${secret()}`])),
		tokens: Object.fromEntries(ROLES.map((role) => [role, token()])),
		agents: {},
		objects: { run: `first-run-${randomId(6)}` },
		live: `/live/${slug}`,
		signIn: "/login",
	};
}

/** The principals of this state folder, the same at every start. Shape: the HTTP contract, "Starting it for a check". */
export function makePrincipals(state, baseUrl) {
	const file = `${state}/principals.json`;
	if (!existsSync(file)) {
		const teams = { a: makeTeam("acme", "Acme"), b: makeTeam("globex", "Globex") };
		const draft = `${file}.tmp`;
		writeFileSync(draft, JSON.stringify({ teams }), { mode: 0o600 });
		chmodSync(draft, 0o600);
		renameSync(draft, file);
	}
	const { teams } = JSON.parse(readFileSync(file, "utf8"));
	return { baseUrl, teams };
}
