import { randomBytes } from "node:crypto";
import { SESSION_COOKIE } from "../../worker/domains/auth/model.ts";
import { CORPUS_SECRET } from "../support/sign.mjs";

/**
 * The one place that knows how a fresh product gets its teams: the development door, which takes the content of a principals
 * file (product/api-contract.md, "Starting it for a check") and answers 200 once all of it is stored.
 */

const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
const id = (length) => Array.from(randomBytes(length), (byte) => LETTERS[byte % LETTERS.length]).join("");
const secret = () => randomBytes(32).toString("base64url");
const ROLES = ["viewer", "member", "manager", "admin"];
const byRole = (make) => Object.fromEntries(ROLES.map((role) => [role, make()]));

function team(slug) {
	const teamId = `t${id(11)}`;
	const token = () => `opst_${teamId}_${secret()}`;
	const integrationId = `${teamId}-${id(12)}`;
	return {
		id: teamId,
		slug,
		webhooks: { github: { path: `/webhooks/github/${integrationId}`, secret: CORPUS_SECRET } },
		ingestToken: token(),
		metricsToken: token(),
		sessions: byRole(() => `${SESSION_COOKIE}=${secret()}`),
		tokens: byRole(token),
		agents: {},
		objects: {},
		live: `/live/${slug}`,
		signIn: "/login",
	};
}

/** Make two teams with every credential the benchmark uses. @returns the principals, as the file would hold them */
export async function setUpTeams(url) {
	const principals = { baseUrl: url, teams: { a: team("bench-a"), b: team("bench-b") } };
	const headers = { "content-type": "application/json" };
	const response = await fetch(`${url}/dev/setup`, { method: "POST", headers, body: JSON.stringify(principals) });
	if (!response.ok) throw new Error(`POST /dev/setup answered ${response.status}: ${(await response.text()).slice(0, 400)}`);
	return principals;
}
