// Who can act in a development installation: two teams with sessions, tokens and webhook secrets, made once per state folder.
import { randomBytes, randomInt } from "node:crypto";
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

const ROLES = ["viewer", "member", "manager", "admin"];
const SOURCES = ["github", "gitlab", "argocd", "cdevents", "alertmanager", "generic"];
const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";
/** The recorded payloads are signed with it; development only. */
const WEBHOOK_SECRET = "corpus-secret";
/** Every team has one cluster, all of which is its production. */
const CLUSTER = "main-cluster";

const randomId = (length) => Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
const secret = () => randomBytes(32).toString("base64url");

const newWebhook = (teamId, source) => ({ path: `/webhooks/${source}/${teamId}-${randomId(12)}`, secret: WEBHOOK_SECRET });

/** The id of a team's environment, as worker/domains/environments/model.ts makes it. A test holds them together. */
function environmentIdOf(teamId, name) {
	let hash = 0xcbf29ce484222325n;
	for (const byte of Buffer.from(`${teamId}\n${name}`)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & ((1n << 64n) - 1n);
	return `e-${Array.from({ length: 12 }, (_, n) => ALPHABET[Number((hash >> BigInt(5 * n)) & 31n)]).join("")}`;
}

/** What has to be chosen before it is made: ids, and the link of an open invitation. */
function newObjects() {
	return {
		run: `first-run-${randomId(6)}`,
		delivery: `first-delivery-${randomId(6)}`,
		session: `s${randomId(12)}`,
		invitation: `i${randomId(12)}`,
		invitationLink: `/invitations/opsi_${secret()}`,
		deployment: `first-deployment-${randomId(6)}`,
		dispatcher: `x-${randomId(12)}`,
		deployRequest: `q-${randomId(12)}`,
		rollback: `r-${randomId(12)}`,
		hold: `h-${randomId(12)}`,
	};
}

/** One of every kind that has a page or a route of its own: the chosen ones, and what each team has anyway. */
function objectsOf({ id, webhooks, objects }) {
	return {
		...objects,
		integration: webhooks.generic.path.split("/").at(-1),
		member: `u-${id}-viewer`,
		token: `k-u-${id}-viewer`,
		machineToken: `k-${id}-ingest`,
		cluster: `c-${id}-${CLUSTER}`,
		environment: environmentIdOf(id, "production"),
	};
}

function makeTeam(slug, name) {
	const id = `t${randomId(11)}`;
	const token = () => `opst_${id}_${secret()}`;
	return {
		id,
		slug,
		name,
		webhooks: Object.fromEntries(SOURCES.map((source) => [source, newWebhook(id, source)])),
		ingestToken: token(),
		metricsToken: token(),
		sessions: Object.fromEntries(ROLES.map((role) => [role, `__Host-opssight=${secret()}`])),
		tokens: Object.fromEntries(ROLES.map((role) => [role, token()])),
		agents: { [CLUSTER]: token() },
		objects: newObjects(),
		live: `/live/${slug}`,
		signIn: "/login",
	};
}

/** The principals of this state folder, the same at every start. Shape: the HTTP contract, "Starting it for a check". */
export function makePrincipals(state, baseUrl) {
	const file = `${state}/principals.json`;
	const kept = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).teams : null;
	const teams = kept ?? { a: makeTeam("acme", "Acme"), b: makeTeam("globex", "Globex") };
	// A folder of an earlier version gets what has come since, except what can't be added to what it holds.
	for (const team of Object.values(kept ?? {})) {
		team.agents[CLUSTER] ??= `opst_${team.id}_${secret()}`;
		for (const [kind, id] of Object.entries(newObjects())) if (kind !== "delivery") team.objects[kind] ??= id;
		for (const source of SOURCES) team.webhooks[source] ??= newWebhook(team.id, source);
	}
	const text = JSON.stringify({ teams });
	if (kept === null || text !== readFileSync(file, "utf8")) {
		const draft = `${file}.tmp`;
		writeFileSync(draft, text, { mode: 0o600 });
		chmodSync(draft, 0o600);
		renameSync(draft, file);
	}
	const whole = Object.entries(teams).map(([name, team]) => [name, { ...team, objects: objectsOf(team) }]);
	return { baseUrl, teams: Object.fromEntries(whole) };
}
